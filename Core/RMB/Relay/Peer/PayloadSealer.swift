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

    /// - Parameter isOwnKeyKnown: whether the ledger has our key; without it nobody opens what we encrypt.
    /// - Throws: `encryption` or `malformed` when the payload has to be encrypted and cannot be.
    func payload(
        _ bytes: [UInt8], for twin: UInt32, _ record: TwinRecord, isOwnKeyKnown: Bool
    ) throws(RMBError) -> RelayEnvelope.Payload {
        guard let keys else { return .plain(bytes) }
        guard isOwnKeyKnown else {
            guard !refusesDowngrade else {
                throw RMBError(
                    .encryption, "our twin's record on the ledger has another encryption key or none; publish ours",
                    isRetryable: true)
            }
            return .plain(bytes)
        }
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
