import CCrypto
import CSnappy
import CSodium
import Unpacking

/// One piece of a file, as stores have it (docs/spec/flist.md section 3). Whoever has it cannot forge it: both its
/// name and its key are hashes.
public struct Block: Sendable, Hashable {
    /// BLAKE2b-256 of the encrypted bytes.
    let id: [UInt8]
    /// BLAKE2b-256 of the plain bytes.
    let key: [UInt8]

    /// Encrypted bytes at most: 512 KiB that do not compress, and what wraps them.
    public static let encryptedLimit = 600 << 10
    /// Plain bytes at most.
    static let plainLimit = 1 << 20
    private static let tagLength = 16
    private static let nonceLength = 12

    init(id: [UInt8], key: [UInt8]) throws(ImageError) {
        guard id.count == 32, key.count == 32 else {
            throw ImageError(.invalid, "the flat list has a block whose id or key has not 32 bytes")
        }
        self.id = id
        self.key = key
    }

    var name: String { Self.hex(id) }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The plain bytes of what a store gave.
    /// - Throws: `corrupt`, naming the step at which it is not what the flat list says.
    func open(_ encrypted: [UInt8]) throws(ImageError) -> [UInt8] {
        guard encrypted.count > Self.tagLength else { throw wrong("is cut short") }
        guard encrypted.count <= Self.encryptedLimit else { throw wrong("is larger than \(Self.encryptedLimit) bytes") }
        guard Self.hash(encrypted) == id else { throw wrong("is not what its name says: the hash differs") }
        let plain = try decompress(try decrypt(encrypted))
        guard isContent(plain) else { throw wrong("holds other content than its key says: the hash differs") }
        return plain
    }

    /// Whether these are the plain bytes: what a cache gives is not believed either.
    func isContent(_ plain: [UInt8]) -> Bool { Self.hash(plain) == key }

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, 32, bytes, UInt64(bytes.count), nil, 0)
        return digest
    }

    private func decrypt(_ encrypted: [UInt8]) throws(ImageError) -> [UInt8] {
        let count = encrypted.count - Self.tagLength
        var tag = Array(encrypted[count...])
        var plain = [UInt8](repeating: 0, count: count)
        guard let context = EVP_CIPHER_CTX_new() else { throw ImageError(.unavailable, "no memory for a cipher") }
        defer { EVP_CIPHER_CTX_free(context) }
        let setTag: Int32 = 0x11  // EVP_CTRL_GCM_SET_TAG
        var (written, last): (Int32, Int32) = (0, 0)
        let nonce = Array(key.prefix(Self.nonceLength))
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, &plain, &written, encrypted, Int32(count)) == 1, written == count,
            EVP_CIPHER_CTX_ctrl(context, setTag, Int32(Self.tagLength), &tag) == 1
        else { throw ImageError(.unavailable, "the cipher of blocks does not work here") }
        var rest = [UInt8](repeating: 0, count: 16)
        guard EVP_DecryptFinal_ex(context, &rest, &last) == 1 else {
            throw wrong("does not open with its key: the tag differs")
        }
        return plain
    }

    private func decompress(_ compressed: [UInt8]) throws(ImageError) -> [UInt8] {
        var length = 0
        let isSized = compressed.withUnsafeBytes { bytes in
            snappy_uncompressed_length(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, &length) == SNAPPY_OK
        }
        // The length first: it says how much would be allocated.
        guard isSized, length >= 0, length <= Self.plainLimit else {
            throw wrong("unpacks to no length up to \(Self.plainLimit) bytes")
        }
        var plain = [UInt8](repeating: 0, count: length)
        var written = length
        let isWhole = compressed.withUnsafeBytes { from in
            plain.withUnsafeMutableBytes { to in
                snappy_uncompress(
                    from.bindMemory(to: CChar.self).baseAddress, from.count, to.bindMemory(to: CChar.self).baseAddress,
                    &written) == SNAPPY_OK
            }
        }
        guard isWhole, written == length else { throw wrong("does not decompress") }
        return plain
    }

    private func wrong(_ why: String) -> ImageError { ImageError(.corrupt, "block \(name) \(why)") }
}
