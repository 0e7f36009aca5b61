import Signatures

/// Account keys of twins from the ledger, remembered for an hour (docs/spec/tfchain.md section 13): no call changes a
/// twin's account. *Absent* and *unavailable* are never remembered; callers that miss the same twin share one request.
public actor LedgerTwinKeys: TwinKeys {
    private static let lifetime = Duration.seconds(3600)
    /// Entries kept; the oldest half goes when it is reached.
    private static let limit = 10_000

    private struct Entry {
        let key: PublicKey
        let readAt: ContinuousClock.Instant
    }

    private let ledger: any Ledger
    private let now: @Sendable () -> ContinuousClock.Instant
    private var entries: [UInt32: Entry] = [:]
    private var waiting: [UInt32: [CheckedContinuation<KeyLookup, Never>]] = [:]

    public init(ledger: any Ledger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.ledger = ledger
        self.now = now
    }

    public func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        if freshness == .remembered, let entry = entries[twin], now() - entry.readAt < Self.lifetime {
            return .found(entry.key)
        }
        if waiting[twin] != nil {
            let shared = await withCheckedContinuation { waiting[twin, default: []].append($0) }
            // Whoever asked may have been cancelled: that is no answer for us.
            guard case .unavailable = shared else { return shared }
            return await read(twin)
        }
        waiting[twin] = []
        let outcome = await read(twin)
        for waiter in waiting.removeValue(forKey: twin) ?? [] { waiter.resume(returning: outcome) }
        return outcome
    }

    /// Forgets everything: after a gap in the events that were followed.
    public func forgetAll() { entries = [:] }

    private func read(_ twin: UInt32) async -> KeyLookup {
        do {
            guard let found = try await ledger.twin(twin, at: .best) else { return .absent }
            remember(found)
            return .found(found.account.key)
        } catch {
            return .unavailable(error.message)
        }
    }

    private func remember(_ twin: Twin) {
        if entries.count >= Self.limit {
            let old = entries.sorted { $0.value.readAt < $1.value.readAt }.prefix(Self.limit / 2)
            for (id, _) in old { entries[id] = nil }
        }
        entries[twin.id] = Entry(key: twin.account.key, readAt: now())
    }
}
