/// Why a JSON Schema is refused when it is compiled.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// A keyword or a use of one that this implementation does not have; docs/schema.md lists those it has.
        case unsupported
        /// A keyword whose value is not what the keyword wants.
        case invalid
        /// A reference to nothing, to something that is no schema, or round in a circle.
        case badReference
        /// A pattern outside of the supported syntax.
        case badPattern
        /// Bigger than the compiler accepts.
        case limit
    }

    public let code: Code
    /// Where, as a JSON pointer into the schema.
    public let path: String
    /// The keyword concerned.
    public let keyword: String
    public let message: String

    init(_ code: Code, _ path: String, _ keyword: String, _ message: String) {
        (self.code, self.path, self.keyword, self.message) = (code, path, keyword, message)
    }

    public var description: String {
        "schema, at \(path.isEmpty ? "its root" : path), \(keyword): \(message)"
    }
}
