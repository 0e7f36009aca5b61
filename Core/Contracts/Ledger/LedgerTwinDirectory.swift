import Signatures

/// Records of twins as the ledger has them now; nothing is remembered.
public struct LedgerTwinDirectory: TwinDirectory {
    private let ledger: any Ledger

    public init(ledger: any Ledger) { self.ledger = ledger }

    public func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
        do {
            guard let found = try await ledger.twin(twin, at: .best) else { return .absent }
            return .found(TwinRecord(found))
        } catch {
            return .unavailable(error.message)
        }
    }
}

extension TwinRecord {
    /// What messages need of the ledger's record.
    public init(_ twin: Twin) {
        self.init(key: twin.account.key, relay: twin.relay, encryptionKey: twin.pk?.bytes)
    }
}
