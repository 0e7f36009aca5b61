import CSecp256k1
import Signatures

/// libsecp256k1 behind an owner: the curve that payloads are encrypted with.
final class Secp256k1: Sendable {
    static let shared = Secp256k1()

    // SAFETY: made and randomised in `init`, destroyed in `deinit`; in between the library only reads it, which it
    // allows from any number of threads (secp256k1.h, "context objects").
    private nonisolated(unsafe) let context: OpaquePointer?

    private init() {
        context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE))
        // Blinds what is computed with secrets against observers of time and power.
        if let context { _ = secp256k1_context_randomize(context, Sodium.random(32)) }
    }

    deinit { if let context { secp256k1_context_destroy(context) } }

    /// The compressed public key of 33 bytes; nil for a secret that is zero, not below the group order, or not 32 bytes.
    func publicKey(of secret: [UInt8]) -> [UInt8]? {
        var point = secp256k1_pubkey()
        guard let context, secret.count == 32, secp256k1_ec_pubkey_create(context, &point, secret) == 1 else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: 33)
        var length = bytes.count
        guard
            secp256k1_ec_pubkey_serialize(context, &bytes, &length, &point, UInt32(SECP256K1_EC_COMPRESSED)) == 1,
            length == 33
        else { return nil }
        return bytes
    }

    /// The x coordinate of secret times point, 32 bytes; nil if either is none.
    func sharedX(secret: [UInt8], publicKey: [UInt8]) -> [UInt8]? {
        var point = secp256k1_pubkey()
        guard let context, secret.count == 32,
            secp256k1_ec_pubkey_parse(context, &point, publicKey, publicKey.count) == 1
        else { return nil }
        var x = [UInt8](repeating: 0, count: 32)
        // The library's own function hashes the whole point; the grid hashes x alone.
        let takesX: secp256k1_ecdh_hash_function = { output, x, _, _ in
            guard let output, let x else { return 0 }
            output.update(from: x, count: 32)
            return 1
        }
        guard secp256k1_ecdh(context, &x, &point, secret, takesX, nil) == 1 else { return nil }
        return x
    }
}
