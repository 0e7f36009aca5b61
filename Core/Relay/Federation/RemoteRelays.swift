/// Where relays are found by the names that twins have on the ledger.
///
/// Names carry no port (docs/spec/rmb-relay.md section 8), so a closed installation says where each is. A twin chooses its
/// relays freely: a relay that asks whatever host it is told would reach into its own network for strangers. Hence names
/// that are not configured are only asked if that is switched on.
public struct RemoteRelays: Sendable {
    /// One relay's address.
    struct Place: Sendable, Hashable {
        let isSecure: Bool
        let host: String
        let port: Int
    }

    private var table: [String: Place] = [:]
    /// Whether names that are not configured are asked as `https://<name>/`.
    public var asksUnknownNames: Bool

    public init(asksUnknownNames: Bool = false) { self.asksUnknownNames = asksUnknownNames }

    /// Says where a relay is.
    /// - Parameter url: `http://host:port` or `https://host:port`, the port may be left out.
    /// - Throws: `configuration` for other text.
    public mutating func add(_ name: String, at url: String) throws(RelayError) {
        guard RelayNames.isName(name), let place = Place(url) else {
            throw RelayError(
                .configuration, "'\(name)' at '\(url)' is no relay",
                hint: "write a host name without port, and its address as http://host:port or https://host:port")
        }
        table[name.lowercased()] = place
    }

    func place(of name: String) -> Place? {
        if let place = table[name.lowercased()] { return place }
        return asksUnknownNames && RelayNames.isName(name) ? Place(isSecure: true, host: name, port: 443) : nil
    }
}

extension RemoteRelays.Place {
    init?(_ url: String) {
        let parts = url.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, parts[0] == "http" || parts[0] == "https" else { return nil }
        isSecure = parts[0] == "https"
        var rest = parts[1]
        if rest.last == "/" { rest = rest.dropLast() }
        var port: Int? = isSecure ? 443 : 80
        if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
            port = UInt16(rest[rest.index(after: colon)...]).map(Int.init)
            rest = rest[..<colon]
        }
        let host = rest.hasPrefix("[") && rest.hasSuffix("]") ? String(rest.dropFirst().dropLast()) : String(rest)
        guard let port, port > 0, !host.isEmpty, !host.utf8.contains(UInt8(ascii: "/")) else { return nil }
        self.port = port
        self.host = host
    }
}
