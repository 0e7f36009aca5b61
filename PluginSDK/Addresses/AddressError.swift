/// Why a text or a list of bytes is no address. The message names the rule and never repeats the text.
public struct AddressError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable { case address, range, mac }

    public let code: Code
    /// What the form has to be.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
