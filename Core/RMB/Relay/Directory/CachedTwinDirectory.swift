import Logging
import Signatures
import Synchronization

/// Remembers records of twins by the rules of `docs/spec/tfchain.md` section 13: five minutes, 500 of them, only those
/// that exist, and callers that miss the same twin share one request. One serves both transports of a node.
///
/// While the ledger is away, records serve for up to an hour: no call changes a twin's account.
public final class CachedTwinDirectory: TwinDirectory, TwinKeys {
    private struct Entry {
        let record: TwinRecord
        let read: UnixTime
        /// When it was last asked for, by count.
        var use: UInt64
        /// Until when a ledger that is away is not asked again.
        var rest: Int64 = .min
    }

    private struct State {
        var entries: [UInt32: Entry] = [:]
        var waiting: [UInt32: [CheckedContinuation<TwinLookup?, Never>]] = [:]
        var uses: UInt64 = 0
        /// Changes whenever something is overwritten or forgotten, so that an older answer is not stored after it.
        var generation: UInt64 = 0
    }

    static let lifetime: Int64 = 300
    /// A record younger than this is not asked for again, or anybody could turn bad signatures into ledger queries.
    static let refreshInterval: Int64 = 10
    static let staleLifetime: Int64 = 3600
    static let sizeLimit = 500
    /// Twins that are asked for at the same time: messages in the name of ever new ones must not flood the ledger.
    static let askingLimit = 64

    private let source: any TwinDirectory
    private let log: Logger
    private let clock: WallClock
    private let state = Mutex(State())

    public init(
        _ source: any TwinDirectory, log: Logger = Logger(label: "rmb"), clock: @escaping WallClock = UnixTime.now
    ) {
        self.source = source
        self.log = log
        self.clock = clock
    }

    public func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
        while true {
            let now = clock()
            if let record = state.withLock({ Self.remembered(twin, freshness, at: now, in: &$0) }) {
                return .found(record)
            }
            let turn = state.withLock { Self.turn(twin, in: &$0) }
            guard let isFirst = turn else { return .unavailable("too many twins are being looked up, try again") }
            if isFirst { return await ask(twin, freshness, at: now) }
            if let shared = await share(twin) { return shared }
            // Whoever asked was cancelled, which is no answer for us.
        }
    }

    public func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        switch await record(of: twin, freshness: freshness) {
        case .found(let record): .found(record.key)
        case .absent: .absent
        case .unavailable(let cause): .unavailable(cause)
        }
    }

    /// Overwrites a record, after the ledger told of a change.
    public func store(_ record: TwinRecord, of twin: UInt32) {
        let now = clock()
        state.withLock { state in
            state.generation += 1
            remember(record, of: twin, at: now, in: &state)
        }
    }

    /// Forgets everything: after a gap in the events that were followed.
    public func forgetAll() {
        state.withLock { state in
            state.generation += 1
            state.entries = [:]
        }
    }

    private static func remembered(
        _ twin: UInt32, _ freshness: KeyFreshness, at now: UnixTime, in state: inout State
    ) -> TwinRecord? {
        guard let entry = state.entries[twin] else { return nil }
        let age = now.seconds - entry.read.seconds
        let isFresh = age < (freshness == .remembered ? lifetime : refreshInterval)
        let isStaleButAllThereIs = freshness == .remembered && age < staleLifetime && now.seconds < entry.rest
        guard age >= 0, isFresh || isStaleButAllThereIs else { return nil }
        state.uses += 1
        state.entries[twin]?.use = state.uses
        return entry.record
    }

    /// Whether it is the caller who asks, or another one did; nil if nobody may for now.
    private static func turn(_ twin: UInt32, in state: inout State) -> Bool? {
        guard state.waiting[twin] == nil else { return false }
        guard state.waiting.count < askingLimit else { return nil }
        state.waiting[twin] = []
        return true
    }

    private func ask(_ twin: UInt32, _ freshness: KeyFreshness, at now: UnixTime) async -> TwinLookup {
        let generation = state.withLock { $0.generation }
        var answer = await source.record(of: twin, freshness: .current)
        let waiting = state.withLock { state in
            if state.generation == generation {
                switch answer {
                case .found(let record): remember(record, of: twin, at: now, in: &state)
                case .absent: state.entries[twin] = nil
                case .unavailable:
                    state.entries[twin]?.rest = now.seconds + Self.refreshInterval
                    if let record = Self.remembered(twin, freshness, at: now, in: &state) { answer = .found(record) }
                }
            }
            return state.waiting.removeValue(forKey: twin) ?? []
        }
        var shared: TwinLookup? = answer
        if case .unavailable = answer, Task.isCancelled { shared = nil }
        for waiter in waiting { waiter.resume(returning: shared) }
        return answer
    }

    /// Waits for the answer that another caller asked for; nil if it got none.
    private func share(_ twin: UInt32) async -> TwinLookup? {
        await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state in
                guard state.waiting[twin] != nil else { return false }
                state.waiting[twin]?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume(returning: nil) }
        }
    }

    private func remember(_ record: TwinRecord, of twin: UInt32, at now: UnixTime, in state: inout State) {
        let previous = state.entries[twin]?.record
        if previous?.encryptionKey != nil && record.encryptionKey == nil {
            log.warning("a twin took back its encryption key", metadata: ["twin": "\(twin)"])
        }
        if previous == nil && state.entries.count >= Self.sizeLimit {
            let oldest = state.entries.min { $0.value.use < $1.value.use }
            if let oldest { state.entries[oldest.key] = nil }
        }
        state.uses += 1
        state.entries[twin] = Entry(record: record, read: now, use: state.uses)
    }
}
