/// Limits of one WebSocket, at either end.
public struct WebSocketSettings: Sendable {
    /// Longest message in bytes that is taken; a longer one ends the connection with code 1009. From 1 to 2^32−1.
    public var messageLimit: Int
    /// Without traffic for this long a ping is sent.
    public var pingAfter: Duration = .seconds(20)
    /// Without a message, ping or pong for this long the connection is dead. A reader that leaves messages lying for
    /// as long loses it too, because its pongs are not read either.
    public var deadAfter: Duration = .seconds(40)

    public init(messageLimit: Int = 16 << 20) { self.messageLimit = messageLimit }
}
