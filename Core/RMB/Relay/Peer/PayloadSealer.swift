import Logging
import Signatures
import Synchronization

/// Decides for each twin whether payloads to it are encrypted, and notices when they no longer would be
/// (`docs/spec/rmb-relay.md` sections 7 and 10, hole 10).
final class PayloadSealer: Sendable {
    private static let sizeLimit = 1 << 16

    private let keys: SharedKeys?
    private let refusesDowngrade: Bool
    private let log: Logger
    /// Twins that had a key before.
    private let encrypted = Mutex<Set<UInt32>>([])

    init(keys: SharedKeys?, refusesDowngrade: Bool, log: Logger) {
        self.keys = keys
        self.refusesDowngrade = refusesDowngrade
        self.log = log
    }

    /// - Throws: `encryption` or `malformed` when the twin has a key and it cannot be used.
    func payload(_ bytes: [UInt8], for twin: UInt32, _ record: TwinRecord) throws(RMBError) -> RelayEnvelope.Payload {
        guard let keys else { return .plain(bytes) }
        guard let publicKey = record.encryptionKey else {
            try noteDowngrade(twin)
            return .plain(bytes)
        }
        encrypted.withLock { encrypted in
            if encrypted.count >= Self.sizeLimit { encrypted.removeAll(keepingCapacity: true) }
            encrypted.insert(twin)
        }
        return .cipher(try keys.seal(bytes, for: twin, publicKey: publicKey))
    }

    private func noteDowngrade(_ twin: UInt32) throws(RMBError) {
        if refusesDowngrade {
            guard !encrypted.withLock({ $0.contains(twin) }) else {
                throw RMBError(.encryption, "twin \(twin) had an encryption key and has none any more")
            }
        } else if encrypted.withLock({ $0.remove(twin) }) != nil {
            log.warning("messages to a twin are no longer encrypted", metadata: ["twin": "\(twin)"])
        }
    }
}
