import CSodium

/// libsodium's digests and random bytes, over byte arrays.
public enum Sodium {
    /// True once libsodium has chosen its implementations and its random source. Read it before any call.
    static let isReady: Bool = sodium_init() >= 0

    /// SHA-256 of the bytes, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest
    }

    /// SHA-512 of the bytes, 64 bytes.
    public static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha512_BYTES))
        crypto_hash_sha512(&digest, bytes, UInt64(bytes.count))
        return digest
    }

    /// Unkeyed BLAKE2b of the bytes.
    /// - Parameter length: digest length in bytes, 16 to 64.
    public static func blake2b(_ bytes: [UInt8], length: Int = 32) -> [UInt8] {
        precondition((16...64).contains(length), "BLAKE2b digests have 16 to 64 bytes")
        var digest = [UInt8](repeating: 0, count: length)
        crypto_generichash(&digest, length, bytes, UInt64(bytes.count), nil, 0)
        return digest
    }

    /// HMAC-SHA512 (RFC 2104) with a key of any length, 64 bytes.
    public static func hmacSHA512(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var state = HMACSHA512(key: key)
        state.update(bytes)
        return state.finish()
    }

    /// PBKDF2 (RFC 8018) with HMAC-SHA512.
    /// - Parameter length: bytes wanted, at least 1.
    public static func pbkdf2SHA512(password: [UInt8], salt: [UInt8], rounds: Int, length: Int) -> [UInt8] {
        precondition(rounds > 0 && length > 0, "PBKDF2 needs at least one round and one byte")
        let keyed = HMACSHA512(key: password)
        var output: [UInt8] = []
        var block: UInt32 = 0
        while output.count < length {
            block += 1
            var state = keyed
            state.update(salt)
            state.update(withUnsafeBytes(of: block.bigEndian) { Array($0) })
            var chained = state.finish()
            var sum = chained
            for _ in 1..<rounds {
                var round = keyed
                round.update(chained)
                chained = round.finish()
                for index in sum.indices { sum[index] ^= chained[index] }
            }
            output += sum
        }
        return Array(output.prefix(length))
    }

    /// Bytes of the operating system's random generator.
    public static func random(_ count: Int) -> [UInt8] {
        precondition(isReady, "libsodium found no source of random bytes")
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// Whether two byte strings are equal, in time that depends on their lengths only.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }
}

/// The running state of one HMAC-SHA512. A copy continues from where the original was, which PBKDF2 uses.
struct HMACSHA512 {
    private var state = crypto_auth_hmacsha512_state()

    init(key: [UInt8]) { crypto_auth_hmacsha512_init(&state, key, key.count) }
    mutating func update(_ bytes: [UInt8]) { crypto_auth_hmacsha512_update(&state, bytes, UInt64(bytes.count)) }
    mutating func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha512_BYTES))
        crypto_auth_hmacsha512_final(&state, &digest)
        return digest
    }
}
