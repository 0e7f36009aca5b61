import Contracts

/// What a node wants the ledger to say about it.
struct WantedRegistration: Sendable, Hashable {
    /// The least a node must have, or the ledger refuses it (docs/spec/tfchain.md section 12): one core, 2 GiB of memory, 100 GiB of SSD.
    static let leastResources = Resources(sru: 100 << 30, cru: 1, mru: 2 << 30)
    /// More do not fit into a twin by convention (docs/spec/tfchain.md section 5).
    static let mostRelays = 4

    /// Host names of relays.
    var relays: [String]
    /// The key for encrypted messages.
    var encryptionKey: HexBytes?
    var node: NodeRegistration
    /// Whether the operator has named the farm: only then a node is moved into it.
    var isFarmGiven: Bool
    /// The name of the farm that is made if there is none: for a ledger of the node's own.
    var farmName: String?
    /// What the account must have more than before it signs anything, in units of 10^-7 TFT; nil on a ledger that takes no fees.
    var leastBalance: UInt64?

    /// The relays as a twin carries them: lower case, each once, in order, joined; nil for none.
    var relayText: String? {
        let names = Self.names(relays)
        return names.isEmpty ? nil : names.joined(separator: "_")
    }

    /// Whether a twin's relays are the wanted ones, in whatever order and case.
    func matches(relay: String?) -> Bool {
        Self.names((relay ?? "").split(separator: "_").map(String.init)) == Self.names(relays)
    }

    private static func names(_ relays: [String]) -> [String] { Set(relays.map { $0.lowercased() }).sorted() }
}
