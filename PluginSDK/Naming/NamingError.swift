/// Why a text is no name or id of the grid. The messages are the grid's (docs/spec/deployment.md section 13).
public struct NamingError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable { case empty, tooLong, unsupportedCharacter, reserved, malformedID }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
