/// Why a text is no JSON, or a value is not the expected one.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The text breaks the grammar of RFC 8259.
        case syntax
        /// The text is not UTF-8, starts with a byte order mark or escapes half of a surrogate pair.
        case encoding
        /// Something follows the value.
        case trailing
        /// An object has two members of one name.
        case repeatedMember
        /// Longer or deeper than `JSONLimits`.
        case limit
        /// A number that canonical JSON cannot write exactly, or that does not fit the type that is asked for.
        case number
        /// A value of another kind than the one that is asked for.
        case kind
        /// A member that is asked for and not there.
        case missing
        /// What a type's own decoding or encoding refused.
        case refused
    }

    public let code: Code
    /// What is wrong and where, without values of the text: they may be secrets.
    public let message: String
    /// The byte of the text at which it was noticed; nil where there is no text.
    public let offset: Int?

    public init(_ code: Code, _ message: String, offset: Int? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    public var description: String { offset.map { "\(message) at byte \($0)" } ?? message }
}
