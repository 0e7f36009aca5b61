/// How much work a schema may ask for. Schemas come with packages and values from strangers: both are hostile.
public struct SchemaLimits: Sendable, Hashable {
    /// Subschemas of one schema. The schemas of the grid's own types have fewer than 200.
    public static let subschemas = 10_000
    /// Subschemas inside each other in the text of a schema.
    public static let nesting = 128
    /// States of all patterns of one schema.
    public static let patternStates = 100_000
    /// Violations that are reported; more tell nobody more.
    public static let violations = 32

    /// Steps of one evaluation: a step is a rule applied, a character matched against one state of a pattern, or
    /// sixteen bytes compared. Ten million take well below a second.
    public let steps: Int
    /// Evaluations inside each other, counting each subschema that is applied.
    public let depth: Int

    public init(steps: Int = 10_000_000, depth: Int = 512) {
        (self.steps, self.depth) = (steps, depth)
    }
}
