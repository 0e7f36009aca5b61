/// One way in which a value breaks a schema. Never holds anything of the value itself: it may be a secret.
public struct SchemaViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// The part of the value, as a JSON pointer; empty for the whole value.
    public let path: String
    /// The keyword that is broken; `limit` if evaluation was given up.
    public let rule: String
    /// What the rule wants, to be read after the path.
    public let message: String

    public init(path: String, rule: String, message: String) {
        (self.path, self.rule, self.message) = (path, rule, message)
    }

    public var description: String { "\(path.isEmpty ? "the value" : path) \(message) (\(rule))" }
}
