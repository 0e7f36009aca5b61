/// Somebody who takes part in the grid: a user, a farmer or a node.
public struct Twin: Sendable, Hashable, Codable {
    public let id: UInt32
    public let account: AccountID
    /// Host names of relays joined with `_`.
    public var relay: String?
    /// The key for encrypted messages; not the one that signs.
    public var pk: HexBytes?

    public init(id: UInt32, account: AccountID, relay: String? = nil, pk: HexBytes? = nil) {
        self.id = id
        self.account = account
        self.relay = relay
        self.pk = pk
    }

    /// The host names of its relays; nil if it said nothing of relays.
    public var relays: [String]? {
        relay.map { $0.split(separator: "_", omittingEmptySubsequences: false).map(String.init) }
    }
}
