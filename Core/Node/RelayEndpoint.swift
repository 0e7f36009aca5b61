/// A relay: what twins are told, and what is dialled.
public struct RelayEndpoint: Sendable, Hashable {
    /// The name that a twin carries, as other relays know this one.
    public let name: String
    /// `ws://` or `wss://`.
    public let url: String

    /// Reads `url`, whose host is the name, or `name=url`.
    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard let address = parts.last, ["ws://", "wss://"].contains(where: address.hasPrefix) else { return nil }
        url = address
        let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
        name = parts.count == 2 ? parts[0] : String(rest.prefix { $0 != "/" && $0 != ":" })
        let isName = name.utf8.allSatisfy { byte in
            // Twins carry no other characters; `_` separates names there (docs/spec/ledger.md section 4).
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isName, !name.isEmpty, !rest.isEmpty else { return nil }
    }
}
