/// A detached signature in minisign's format, prehashed form only: Ed25519 over BLAKE2b-512 of the content.
public struct MinisignSignature: Sendable, Hashable {
    static let algorithm = Array("ED".utf8)
    /// Longest text that is read; minisign itself allows comments of 8 KiB.
    static let sizeLimit = 20 * 1024

    /// The id of the key that signed, as the signature claims.
    public let keyID: [UInt8]
    /// Covered by the signature, but only `verify` says that it holds.
    public let trustedComment: String
    let signature: [UInt8]
    let globalSignature: [UInt8]

    init(keyID: [UInt8], trustedComment: String, signature: [UInt8], globalSignature: [UInt8]) {
        self.keyID = keyID
        self.trustedComment = trustedComment
        self.signature = signature
        self.globalSignature = globalSignature
    }

    /// Reads a signature file.
    /// - Throws: `badSignatureFile`, also for signatures of the old form that is not prehashed.
    public init(_ text: String) throws(SignatureError) {
        guard text.utf8.count <= Self.sizeLimit else {
            throw SignatureError(.badSignatureFile, "the signature file is longer than \(Self.sizeLimit) bytes")
        }
        let lines = MinisignText.lines(text)
        guard lines.count == 4, MinisignText.isUntrustedComment(lines[0]),
            let comment = MinisignText.trustedComment(lines[2]),
            let bytes = Base64.decode(lines[1]), bytes.count == 2 + MinisignPublicKey.idLength + 64,
            let global = Base64.decode(lines[3]), global.count == 64
        else { throw SignatureError(.badSignatureFile, "this is not the text of a minisign signature") }
        guard bytes.starts(with: Self.algorithm) else {
            throw SignatureError(
                .badSignatureFile, "the signature is not of the prehashed form; sign with minisign -H")
        }
        keyID = Array(bytes[2..<2 + MinisignPublicKey.idLength])
        signature = Array(bytes[(2 + MinisignPublicKey.idLength)...])
        globalSignature = global
        trustedComment = comment
    }

    /// The text of the signature file.
    /// - Parameter untrustedComment: one line that nothing protects.
    public func fileText(untrustedComment: String = "signature from minisign secret key") -> String {
        """
        \(MinisignText.untrustedPrefix)\(untrustedComment)
        \(Base64.encode(Self.algorithm + keyID + signature))
        \(MinisignText.trustedPrefix)\(trustedComment)
        \(Base64.encode(globalSignature))

        """
    }

    /// Checks that the key signed this content and the trusted comment.
    /// - Throws: `otherKey` if the signature names another key id, `badSignature` otherwise.
    public func verify(_ content: [UInt8], with key: MinisignPublicKey) throws(SignatureError) {
        try verify(digest: Sodium.blake2b(content, length: 64), with: key)
    }

    /// The same over the BLAKE2b-512 digest of the content.
    public func verify(digest: [UInt8], with key: MinisignPublicKey) throws(SignatureError) {
        guard keyID == key.id else {
            throw SignatureError(.otherKey, "the signature was made by another key than \(key.idText)")
        }
        guard key.key.isValid(signature, for: digest, scheme: .ed25519) else {
            throw SignatureError(.badSignature, "the content does not match its signature by \(key.idText)")
        }
        guard key.key.isValid(globalSignature, for: signature + Array(trustedComment.utf8), scheme: .ed25519) else {
            throw SignatureError(.badSignature, "the trusted comment was not signed by \(key.idText)")
        }
    }
}
