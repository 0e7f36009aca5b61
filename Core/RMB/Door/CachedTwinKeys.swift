import Signatures
import Synchronization

/// Remembers keys for five minutes, only those that exist (`docs/spec/rmb-direct.md` section 5).
public final class CachedTwinKeys: TwinKeys {
    private struct Entry {
        let key: PublicKey
        let read: UnixTime
    }

    private static let lifetime: Int64 = 300
    /// A key younger than this is not asked for again, or anybody could turn bad signatures into ledger queries.
    private static let refreshInterval: Int64 = 10
    private static let sizeLimit = 1 << 16

    private let source: any TwinKeys
    private let clock: WallClock
    private let entries = Mutex<[UInt32: Entry]>([:])

    public init(_ source: any TwinKeys, clock: @escaping WallClock = UnixTime.now) {
        self.source = source
        self.clock = clock
    }

    public func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        let now = clock()
        if let entry = entries.withLock({ $0[twin] }) {
            let age = now.seconds - entry.read.seconds
            if age >= 0 && age < (freshness == .remembered ? Self.lifetime : Self.refreshInterval) {
                return .found(entry.key)
            }
        }
        let answer = await source.publicKey(of: twin, freshness: freshness)
        entries.withLock { entries in
            switch answer {
            case .found(let key):
                if entries.count >= Self.sizeLimit { entries.removeAll(keepingCapacity: true) }
                entries[twin] = Entry(key: key, read: now)
            case .absent: entries[twin] = nil
            case .unavailable: break
            }
        }
        return answer
    }
}
