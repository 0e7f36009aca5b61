/// Why bytes, metadata or a value could not be used.
public struct SubstrateError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The bytes break the rules of their format.
        case malformed
        /// Within the rules of the format, but beyond a bound of this program.
        case tooLarge = "too_large"
        /// The chain's runtime lacks something that this program needs, by name.
        case unsupportedRuntime = "unsupported_runtime"
        /// A value does not fit the type that it is to be written as.
        case valueMismatch = "value_mismatch"
        /// The runtime wants something signed that this program cannot fill in.
        case cannotSign = "cannot_sign"
    }

    public let code: Code
    /// What is wrong, with the names or the place involved.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
