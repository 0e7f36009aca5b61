import CSodium

/// Schnorrkel signatures on ristretto255 with the signing context `substrate` (`docs/spec/tfchain.md` section 6).
enum SR25519 {
    /// The group order, little endian: 2^252 + 27742317777372353535851937790883648493.
    private static let order: [UInt8] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]
    private static let marker: UInt8 = 0x80

    /// A mini secret in its expanded form: the scalar and the seed of nonces.
    struct Expanded {
        let scalar: [UInt8]
        let nonce: [UInt8]
    }

    /// The expansion in the way of Ed25519: clamped like it, then divided by the cofactor.
    static func expand(_ seed: [UInt8]) -> Expanded {
        var hash = Sodium.sha512(seed)
        hash[0] &= 0xf8
        hash[31] = hash[31] & 0x3f | 0x40
        var scalar = [UInt8](repeating: 0, count: 32)
        for index in 0..<32 {
            let above = index < 31 ? hash[index + 1] : 0
            scalar[index] = hash[index] >> 3 | above << 5
        }
        return Expanded(scalar: scalar, nonce: Array(hash[32...]))
    }

    /// The public key of a scalar; nil for the scalar zero, which no expansion gives.
    static func publicKey(scalar: [UInt8]) -> [UInt8]? {
        var point = [UInt8](repeating: 0, count: 32)
        return crypto_scalarmult_ristretto255_base(&point, scalar) == 0 ? point : nil
    }

    /// A randomised signature of 64 bytes.
    static func sign(_ message: [UInt8], secret: Expanded, publicKey: [UInt8]) -> [UInt8] {
        // The nonce mixes the key's own nonce seed, the message and fresh randomness: neither a weak generator alone
        // nor a repeated message alone can repeat it for another challenge.
        var nonceInput = secret.nonce + Sodium.random(32) + publicKey + message
        defer { sodium_memzero(&nonceInput, nonceInput.count) }
        var nonce = reduced(Sodium.sha512(nonceInput))
        defer { sodium_memzero(&nonce, nonce.count) }
        var commitment = [UInt8](repeating: 0, count: 32)
        // Zero comes back only for the nonce zero, which has the probability of guessing the key.
        precondition(crypto_scalarmult_ristretto255_base(&commitment, nonce) == 0, "the nonce is zero")
        let challenge = challenge(message, publicKey: publicKey, commitment: commitment)
        var product = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_scalar_mul(&product, challenge, secret.scalar)
        var sum = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_scalar_add(&sum, product, nonce)
        sum[31] |= marker
        sodium_memzero(&product, product.count)
        return commitment + sum
    }

    /// Whether the 64 bytes are a signature of the message by the key. Refuses other lengths, a missing marker bit, a
    /// scalar that is not reduced, encodings that are not canonical and the identity as key.
    static func isValid(_ signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32, signature[63] & marker != 0 else { return false }
        let commitment = Array(signature[..<32])
        var scalar = Array(signature[32...])
        scalar[31] &= ~marker
        guard isReduced(scalar), publicKey.contains(where: { $0 != 0 }),
            crypto_core_ristretto255_is_valid_point(publicKey) == 1,
            crypto_core_ristretto255_is_valid_point(commitment) == 1
        else { return false }
        let challenge = challenge(message, publicKey: publicKey, commitment: commitment)
        // s·B - k·A, compared with R. libsodium's multiplications report the identity as a failure and leave zeros,
        // which is the identity's encoding, so both results stay usable.
        var left = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ristretto255_base(&left, scalar)
        var right = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_ristretto255(&right, challenge, publicKey)
        var difference = [UInt8](repeating: 0, count: 32)
        guard crypto_core_ristretto255_sub(&difference, left, right) == 0 else { return false }
        return Sodium.equal(difference, commitment)
    }

    /// The mini secret behind one hard junction.
    static func derive(_ seed: [UInt8], chainCode: [UInt8]) -> [UInt8] {
        var transcript = MerlinTranscript(label: "SchnorrRistrettoHDKD")
        transcript.append("sign-bytes", [])
        transcript.append("chain-code", chainCode)
        transcript.append("secret-key", expand(seed).scalar)
        return transcript.challenge("HDKD-hard", count: 32)
    }

    private static func challenge(_ message: [UInt8], publicKey: [UInt8], commitment: [UInt8]) -> [UInt8] {
        var transcript = MerlinTranscript(label: "SigningContext")
        transcript.append("", Array("substrate".utf8))
        transcript.append("sign-bytes", message)
        transcript.append("proto-name", Array("Schnorr-sig".utf8))
        transcript.append("sign:pk", publicKey)
        transcript.append("sign:R", commitment)
        return reduced(transcript.challenge("sign:c", count: 64))
    }

    private static func reduced(_ wide: [UInt8]) -> [UInt8] {
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_scalar_reduce(&scalar, wide)
        return scalar
    }

    private static func isReduced(_ scalar: [UInt8]) -> Bool {
        for index in stride(from: 31, through: 0, by: -1) where scalar[index] != order[index] {
            return scalar[index] < order[index]
        }
        return false
    }
}
