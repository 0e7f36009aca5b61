import Signatures
import Synchronization

/// A twin that proved with its account key that it sent the message at hand. Only `SenderCheck` can make one.
public struct VerifiedTwin: Sendable, Hashable {
    public let id: UInt32
    public let key: PublicKey

    fileprivate init(id: UInt32, key: PublicKey) {
        self.id = id
        self.key = key
    }
}

/// Checks signatures against the account keys of twins, for messages of either transport.
///
/// Share one, and the keys behind it, between the transports of a node: what one learns the other knows.
public final class SenderCheck: Sendable {
    /// Most twins whose scheme is pinned; beyond, pins are forgotten rather than memory used up.
    private static let pinLimit = 1 << 16

    private let keys: any TwinKeys
    /// The scheme of each key's first good message: the same bytes are never tried on the other curve again.
    private let pins = Mutex<[PublicKey: KeyScheme]>([:])

    public init(keys: any TwinKeys) { self.keys = keys }

    /// - Parameters:
    ///   - digest: what was signed, 16 bytes.
    ///   - signature: asked for once the twin is known to exist.
    /// - Throws: `unknownTwin`, `keyUnavailable` or `badSignature`.
    public func twin(
        _ twin: UInt32, signed digest: [UInt8], _ signature: () throws(RMBError) -> TypedSignature
    ) async throws(RMBError) -> VerifiedTwin {
        let key = try await key(of: twin, freshness: .remembered)
        let signature = try signature()
        if isValid(signature, digest, key) { return VerifiedTwin(id: twin, key: key) }
        // Accounts can change their key: look once more, but only for what could be a signature at all.
        let current = try await self.key(of: twin, freshness: .current)
        guard current != key, isValid(signature, digest, current) else { throw RMBMessage.badSignature }
        return VerifiedTwin(id: twin, key: current)
    }

    private func isValid(_ signature: TypedSignature, _ digest: [UInt8], _ key: PublicKey) -> Bool {
        let pinned = pins.withLock { $0[key] }
        guard pinned == nil || pinned == signature.scheme, signature.isValid(for: digest, by: key) else {
            return false
        }
        if pinned == nil {
            pins.withLock { pins in
                if pins.count >= Self.pinLimit { pins.removeAll(keepingCapacity: true) }
                pins[key] = signature.scheme
            }
        }
        return true
    }

    /// - Throws: `unknownTwin` or `keyUnavailable`.
    func key(of twin: UInt32, freshness: KeyFreshness) async throws(RMBError) -> PublicKey {
        switch await keys.publicKey(of: twin, freshness: freshness) {
        case .found(let key): return key
        case .absent: throw Self.unknown(Int64(twin))
        case .unavailable(let cause):
            throw RMBError(
                .keyUnavailable, "couldn't get twin \(twin) public key: \(cause)", isRetryable: true)
        }
    }

    static func unknown(_ twin: Int64) -> RMBError {
        RMBError(.unknownTwin, "source twin \(twin) not found")
    }
}
