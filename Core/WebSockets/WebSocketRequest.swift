/// A request that asks for a WebSocket, or another one that came to the same door.
public struct WebSocketRequest: Sendable {
    /// Path and query as sent.
    public let target: String
    public let method: String
    public let headers: [(name: String, value: String)]
    /// The address that the connection comes from, nil if it is gone already.
    public let peer: String?
    /// Empty for a request that asks for a WebSocket.
    public let body: [UInt8]

    /// The path without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The query's text without the question mark; nil without one.
    public var query: String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        return String(target[target.index(after: mark)...])
    }

    /// The first header of that name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// An answer of plain HTTP, after which the connection ends.
public struct WebSocketReply: Sendable {
    public let status: UInt
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: UInt, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(status: UInt, text: String) {
        self.init(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }
}
