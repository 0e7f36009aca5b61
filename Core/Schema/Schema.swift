import JSON

/// A JSON Schema of draft 2020-12, compiled. docs/schema.md says which part of the draft this is.
///
/// Schemas and values are both untrusted: patterns take time linear in the text, numbers are exact, and an
/// evaluation that would take too long or go too deep is given up and counts as broken.
public struct Schema: Sendable {
    /// The document that it was compiled from.
    public let document: JSONValue
    let nodes: [SchemaNode]
    /// Whether any rule asks what others have evaluated. Only then is it kept.
    let tracksEvaluation: Bool

    /// Compiles a document. Everything that it refers to must be in it.
    public init(compiling document: JSONValue) throws(SchemaError) {
        var compiler = SchemaCompiler(document)
        try compiler.run()
        self.document = document
        nodes = compiler.nodes
        tracksEvaluation = compiler.tracksEvaluation
    }

    /// The ways in which `value` breaks the schema; none if it is valid. An object's repeated members count once,
    /// the last one: refuse them before.
    public func validate(_ value: JSONValue, limits: SchemaLimits = SchemaLimits())
        -> [SchemaViolation]
    {
        var evaluation = SchemaEvaluation(schema: self, limits: limits)
        return evaluation.run(value)
    }
}
