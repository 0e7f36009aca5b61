/// Why a WebSocket could not be opened, or why it ended.
public struct WebSocketError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        case badAddress
        /// No connection, or no answer to the handshake in time.
        case unreachable
        /// The server answered with this HTTP status instead of opening a WebSocket.
        case refused(status: UInt)
        /// What came is no WebSocket traffic as RFC 6455 has it.
        case protocolViolation
        /// A message longer than the limit.
        case tooLong
        /// Nothing came in time, not even an answer to a ping.
        case silent
        /// The connection ended.
        case closed
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
