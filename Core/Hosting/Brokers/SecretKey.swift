import CSodium
import Glibc

/// The node's key for secrets: 32 random bytes in a file that only the node reads. Never printed.
final class SecretKey: Sendable, CustomStringConvertible {
    private static let length = 32
    private static let nonceLength = 24
    private static let tagLength = 16
    private let bytes: [UInt8]

    var description: String { "<key>" }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the key, or makes one.
    /// - Parameter isNew: whether there is nothing yet that was sealed with an earlier key.
    /// - Throws: `operationFailed` if it is damaged, readable by others, or missing although there are secrets.
    static func load(_ path: String, isNew: Bool) throws(HostingError) -> SecretKey {
        guard sodium_init() >= 0 else { throw HostingError(.operationFailed, "libsodium cannot be used") }
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            guard errno == ENOENT else {
                throw HostingError(.operationFailed, "cannot look at \(path): \(systemText(errno))")
            }
            guard isNew else {
                throw HostingError(
                    .operationFailed, "the key of the plugins' secrets, \(path), is missing",
                    hint: "restore it from a backup, or remove the folder of secrets and lose them")
            }
            var bytes = [UInt8](repeating: 0, count: length)
            randombytes_buf(&bytes, bytes.count)
            try SmallFile.replace(path, with: bytes, .disk)
            return SecretKey(bytes)
        }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 == 0, facts.st_uid == geteuid() else {
            throw HostingError(
                .operationFailed, "\(path) can be read by others", hint: "chmod 600 it, and replace what it sealed")
        }
        guard let bytes = try SmallFile.read(path), bytes.count == length else {
            throw HostingError(
                .operationFailed, "\(path) is no key of \(length) bytes", hint: "restore it from a backup")
        }
        return SecretKey(bytes)
    }

    /// XChaCha20-Poly1305 with a random nonce in front; `context` has to be the same to open it.
    func seal(_ text: [UInt8], for context: [UInt8]) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: Self.nonceLength)
        randombytes_buf(&nonce, nonce.count)
        var box = [UInt8](repeating: 0, count: text.count + Self.tagLength)
        crypto_aead_xchacha20poly1305_ietf_encrypt(
            &box, nil, text, UInt64(text.count), context, UInt64(context.count), nil, nonce, bytes)
        return nonce + box
    }

    /// Nil unless it was sealed with this key for the same context.
    func open(_ sealed: [UInt8], for context: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.nonceLength + Self.tagLength else { return nil }
        let nonce = Array(sealed[..<Self.nonceLength])
        let box = Array(sealed[Self.nonceLength...])
        var text = [UInt8](repeating: 0, count: max(1, box.count - Self.tagLength))
        let result = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &text, nil, nil, box, UInt64(box.count), context, UInt64(context.count), nonce, bytes)
        return result == 0 ? Array(text[..<(box.count - Self.tagLength)]) : nil
    }
}
