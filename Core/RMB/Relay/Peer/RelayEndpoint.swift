import WebSockets

/// A relay as an operator names it: `wss://relay.grid.tf`, or `name=ws://10.0.0.1:8088` where the place that is dialled is
/// not the name by which others find the relay.
public struct RelayEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// What the twin's record on the ledger says, in lower case.
    public let name: String
    /// What is dialled; the query is added by the peer.
    public let address: WebSocketAddress

    /// - Throws: `configuration` for a text that is no address of a relay, or a name that no twin's record may hold.
    public init(_ text: String) throws(RMBError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let isNamed = parts.count == 2 && !parts[0].contains("/")
        do throws(WebSocketError) {
            address = try WebSocketAddress(isNamed ? String(parts[1]) : text)
        } catch {
            throw RMBError(.configuration, error.message)
        }
        name = (isNamed ? String(parts[0]) : address.host).lowercased()
        guard Self.isName(name) else {
            throw RMBError(
                .configuration,
                "'\(name)' cannot be the name of a relay on the ledger: host names of letters, digits, '-' and '.' can;"
                    + " write name=\(address) to dial a place that is called differently")
        }
    }

    /// - Parameter name: in lower case, as in the twin's record.
    init(name: String, address: WebSocketAddress) {
        self.name = name
        self.address = address
    }

    public var description: String { name == address.host ? "\(address)" : "\(name)=\(address)" }

    /// What the chain takes (`docs/spec/rmb-relay.md` section 8), without the `_` that joins names.
    private static func isName(_ name: String) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"): true
                    default: false
                    }
                }
        }
    }
}
