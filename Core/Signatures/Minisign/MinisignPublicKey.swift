/// A publisher's key in minisign's format. Two keys are the same only if all bytes are: the id is just a hint.
public struct MinisignPublicKey: Sendable, Hashable, CustomStringConvertible {
    static let algorithm = Array("Ed".utf8)
    static let idLength = 8

    /// Eight bytes that name the key in signatures. Anybody can choose them.
    public let id: [UInt8]
    public let key: PublicKey

    init(id: [UInt8], key: PublicKey) {
        self.id = id
        self.key = key
    }

    /// Reads a key file (an untrusted comment and a line of base64) or that line alone.
    /// - Throws: `badKey`.
    public init(_ text: String) throws(SignatureError) {
        let lines = MinisignText.lines(text)
        let line = lines.count > 1 ? lines[1] : lines.first ?? ""
        guard lines.count == 1 || (lines.count == 2 && MinisignText.isUntrustedComment(lines[0])),
            let bytes = Base64.decode(line), bytes.count == 2 + Self.idLength + PublicKey.length,
            bytes.starts(with: Self.algorithm)
        else { throw SignatureError(.badKey, "this is not the text of a minisign public key") }
        id = Array(bytes[2..<2 + Self.idLength])
        key = try PublicKey(bytes: Array(bytes[(2 + Self.idLength)...]))
    }

    /// The line of base64 that `minisign -P` takes.
    public var base64: String { Base64.encode(Self.algorithm + id + key.bytes) }

    /// The text of a key file, as `minisign -p` reads it.
    public var fileText: String { "untrusted comment: minisign public key \(idText)\n\(base64)\n" }

    /// The id as minisign prints it: sixteen upper-case digits of the little-endian number.
    public var idText: String { Hex.encode(id.reversed()).uppercased() }

    public var description: String { base64 }
}
