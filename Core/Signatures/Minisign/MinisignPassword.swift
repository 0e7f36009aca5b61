import CSodium

/// How a password protects a minisign key: id, secret and checksum are XORed with a stream that scrypt makes of it.
struct MinisignPassword: Sendable {
    private static let scrypt = Array("Sc".utf8)
    private static let saltLength = 32
    /// What minisign itself writes is 1 GiB; a file must not make a program take any amount.
    private static let memoryLimit: UInt64 = 2 << 30
    /// As above: minisign writes 33,554,432.
    private static let operationsLimit: UInt64 = 1 << 27

    private let salt: [UInt8]
    private let operations: UInt64
    private let memory: UInt64

    /// - Parameter derivation: the two algorithms, salt and limits, as they are in the file.
    /// - Throws: `badSecret` for another derivation than scrypt, and for limits that no key needs.
    init(derivation: [UInt8]) throws(SignatureError) {
        guard derivation.count == 4 + Self.saltLength + 16, derivation.starts(with: Self.scrypt) else {
            throw SignatureError(.badSecret, "the secret key is protected in a way that is not minisign's")
        }
        salt = Array(derivation[4..<4 + Self.saltLength])
        let number = { (start: Int) in
            derivation[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        operations = number(4 + Self.saltLength)
        memory = number(4 + Self.saltLength + 8)
        guard memory <= Self.memoryLimit, operations <= Self.operationsLimit else {
            throw SignatureError(
                .badSecret, "the secret key wants \(memory) bytes of memory for its password; at most 2 GiB are used")
        }
    }

    /// Decrypts, in place, everything from `start` on. Whether the password was right, the checksum tells.
    /// - Throws: `badSecret` if there is not enough memory.
    func open(_ bytes: inout [UInt8], from start: Int, with password: [UInt8]) throws(SignatureError) {
        var stream = [UInt8](repeating: 0, count: bytes.count - start)
        defer { SecretBytes.wipe(&stream) }
        let length = stream.count
        // One byte more, so that there is an address even if the password is empty.
        var text = password + [0]
        defer { SecretBytes.wipe(&text) }
        // SAFETY: the buffers are lent by arrays for the call; the lengths are theirs, the salt has 32 bytes.
        let code = stream.withUnsafeMutableBufferPointer { output -> Int32 in
            text.withUnsafeBytes { text -> Int32 in
                guard let output = output.baseAddress,
                    let text = text.baseAddress?.assumingMemoryBound(to: CChar.self)
                else { return -1 }
                return crypto_pwhash_scryptsalsa208sha256(
                    output, UInt64(length), text, UInt64(password.count), salt, operations, Int(memory))
            }
        }
        guard code == 0 else {
            throw SignatureError(.badSecret, "there is not enough memory to open the secret key: \(memory) bytes")
        }
        for index in 0..<length { bytes[start + index] ^= stream[index] }
    }
}
