/// Where a WebSocket server listens: `ws://host[:port][/path][?query]` or `wss://…`.
public struct WebSocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name or an address in text form, without brackets.
    public let host: String
    public let port: Int
    public let isSecure: Bool
    /// Path and query, as the request carries them.
    public let target: String

    public init(host: String, port: Int, isSecure: Bool = false, target: String = "/") {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.target = target
    }

    /// - Throws: `badAddress` that quotes the text and says what is wrong.
    public init(_ text: String) throws(WebSocketError) {
        func bad(_ why: String) -> WebSocketError {
            WebSocketError(.badAddress, "'\(text)' is no WebSocket address: \(why)")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw bad("it holds blanks, control or non-ASCII characters")
        }
        let rest: Substring
        if text.hasPrefix("wss://") {
            isSecure = true
            rest = text.dropFirst(6)
        } else if text.hasPrefix("ws://") {
            isSecure = false
            rest = text.dropFirst(5)
        } else {
            throw bad("it begins neither with ws:// nor with wss://")
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest.dropFirst(authority.count).prefix { $0 != "#" }
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail
        guard !authority.contains("@") else { throw bad("user names are not supported in it") }
        var name = authority
        var number: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw bad("the bracket is not closed") }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw bad("only a port may follow the bracket") }
            if !after.isEmpty { number = after.dropFirst() }
        } else if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            number = authority[authority.index(after: colon)...]
        }
        guard !name.isEmpty, name.utf8.count <= 253 else { throw bad("the host is missing or too long") }
        host = String(name)
        guard let number else {
            port = isSecure ? 443 : 80
            return
        }
        guard let value = UInt16(number), value > 0 else { throw bad("the port is no number from 1 to 65535") }
        port = Int(value)
    }

    /// Host and port as the `Host` header has them.
    var authority: String {
        let name = isAddress && host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether the host is an IP address: such a name is never sent to the server during the TLS handshake.
    var isAddress: Bool {
        host.utf8.contains(UInt8(ascii: ":")) || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39) ~= $0 }
    }

    /// Without the query, which may hold a secret such as a token.
    public var description: String {
        "\(isSecure ? "wss" : "ws")://\(authority)\(target.prefix { $0 != "?" })"
    }
}
