/// Where the account key of a twin comes from: the ledger, usually through a cache.
public protocol TwinKeys: Sendable {
    /// - Parameter freshness: whether a remembered key will do.
    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup
}

/// Whether a lookup may answer from memory.
public enum KeyFreshness: Sendable {
    case remembered
    /// Ask the source again: a signature did not match the remembered key, and accounts can change theirs.
    case current
}

/// The three outcomes of asking for a key. *Unavailable* never means that there is none.
public enum KeyLookup: Sendable, Equatable {
    case found(PublicKey)
    case absent
    case unavailable(String)
}
