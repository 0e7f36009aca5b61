import JSON
import Signatures

/// A verified request on its way to a handler.
public struct RMBRequest: Sendable {
    /// Who asks. Nothing in the payload can change it.
    public let caller: VerifiedTwin
    public let command: CommandName
    /// The decoded payload; usually JSON, empty or `null` for commands without arguments.
    public let payload: [UInt8]

    /// The payload as JSON, read as the grid reads it.
    /// - Throws: `CallError` with the decoder's text.
    public func json() throws(CallError) -> JSONValue {
        do {
            return try JSONValue(
                parsing: payload, mode: .lenient, limits: JSONLimits(maxBytes: RMBMessage.sizeLimit, maxDepth: 128))
        } catch {
            throw CallError(payload.isEmpty ? "unexpected end of JSON input" : "invalid JSON: \(error)")
        }
    }
}

/// A failure whose text is the answer to the caller.
public struct CallError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}
