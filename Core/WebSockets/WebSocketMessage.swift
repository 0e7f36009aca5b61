/// A whole message, put together from its frames.
public enum WebSocketMessage: Sendable, Hashable {
    /// Checked to be UTF-8.
    case text(String)
    case binary([UInt8])
}
