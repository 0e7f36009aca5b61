/// What the ledger says about a twin as far as messages need it (`docs/spec/rmb-relay.md` section 8).
public struct TwinRecord: Sendable, Equatable {
    /// The account's key, which signs.
    public var key: PublicKey
    /// Names of the relays at which it listens: the record's text split at `_`.
    public var relays: [String]
    /// The record's text as it is, which peers of old want to see in envelopes.
    public var relayText: String?
    /// `pk`: 33 or 65 bytes; nil if payloads to the twin are not encrypted.
    public var encryptionKey: [UInt8]?

    /// - Parameter relay: the record's `relay`.
    public init(key: PublicKey, relay: String? = nil, encryptionKey: [UInt8]? = nil) {
        self.key = key
        relayText = relay
        relays = (relay ?? "").split(separator: "_").map(String.init)
        self.encryptionKey = encryptionKey
    }
}

/// The three outcomes of asking for a twin. *Unavailable* never means that there is none.
public enum TwinLookup: Sendable, Equatable {
    case found(TwinRecord)
    case absent
    case unavailable(String)
}

/// Where records of twins come from: the ledger, usually through a `CachedTwinDirectory`.
public protocol TwinDirectory: Sendable {
    /// - Parameter freshness: whether a remembered record will do.
    func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup
}
