import Logging
import Synchronization

/// The keys shared with other twins, computed once each, and how often each was used.
///
/// A key never changes, so nonces may meet after some 2^32 messages; long before that the log says so
/// (`docs/spec/rmb-relay.md` section 10, hole 11).
public final class SharedKeys: Sendable {
    private struct Entry {
        let key: SharedKey
        var sealed = 0
    }

    /// Most keys that are kept; beyond, all are computed anew.
    private static let sizeLimit = 500
    /// Messages to one twin after which the log warns, and again after as many more.
    static let warningInterval = 1 << 24

    private let own: EndToEndKey
    private let log: Logger
    private let warningInterval: Int
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    public init(own: EndToEndKey, log: Logger = Logger(label: "rmb")) {
        self.own = own
        self.log = log
        warningInterval = Self.warningInterval
    }

    init(own: EndToEndKey, log: Logger, warningInterval: Int) {
        self.own = own
        self.log = log
        self.warningInterval = warningInterval
    }

    /// - Parameter publicKey: the other twin's `pk`.
    /// - Throws: `malformed` for a `pk` that is no point, `encryption`.
    func seal(_ payload: [UInt8], for twin: UInt32, publicKey: [UInt8]) throws(RMBError) -> [UInt8] {
        let (key, count) = try entry(publicKey, isSealing: true)
        if count % warningInterval == 0 {
            log.warning(
                "many messages were encrypted with one key; give one of the two twins a new key in time",
                metadata: ["twin": "\(twin)", "messages": "\(count)"])
        }
        return try key.seal(payload)
    }

    /// - Throws: `malformed` for a `pk` that is no point, `encryption`.
    func open(_ sealed: [UInt8], publicKey: [UInt8]) throws(RMBError) -> [UInt8] {
        try entry(publicKey, isSealing: false).key.open(sealed)
    }

    private func entry(_ publicKey: [UInt8], isSealing: Bool) throws(RMBError) -> (key: SharedKey, count: Int) {
        if let found = entries.withLock({ Self.use(publicKey, isSealing, in: &$0) }) { return found }
        let key = try own.shared(with: publicKey)
        return entries.withLock { entries in
            if entries.count >= Self.sizeLimit { entries.removeAll(keepingCapacity: true) }
            if entries[publicKey] == nil { entries[publicKey] = Entry(key: key) }
            return Self.use(publicKey, isSealing, in: &entries) ?? (key, 1)
        }
    }

    private static func use(
        _ publicKey: [UInt8], _ isSealing: Bool, in entries: inout [[UInt8]: Entry]
    ) -> (key: SharedKey, count: Int)? {
        guard var entry = entries[publicKey] else { return nil }
        if isSealing {
            entry.sealed += 1
            entries[publicKey] = entry
        }
        return (entry.key, entry.sealed)
    }
}
