/// What a client names as the root of a machine: where it is, its form, and optionally its digest
/// (docs/spec/flist.md section 1).
public struct ImageReference: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// An absolute path on the node.
        case node(path: String)
        /// `http` or `https`.
        case web
    }

    /// Bytes of a URL at most.
    public static let lengthLimit = 2048
    private static let kinds = "http://, https:// and dir://, ending in .fl, .oci.tar, .tar, .tar.gz or .tar.zst"

    /// The URL without its fragment.
    public let url: String
    public let place: Place
    /// Nil for a folder of the node, which may hold an OCI layout or be a root itself.
    public let form: ImageForm?
    /// SHA-256 that the file has to have, 32 bytes; of an OCI layout that of its `index.json`.
    public let digest: [UInt8]?

    /// - Throws: `invalid`, `unsupported` or `denied`, with a text for the user.
    public init(_ text: String) throws(ImageError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.lengthLimit, bytes.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw ImageError(
                .invalid, "the URL of a root has to be at most \(Self.lengthLimit) visible ASCII characters")
        }
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        url = String(parts[0])
        digest = parts.count == 2 ? try Self.digest(String(parts[1])) : nil
        guard let colon = url.range(of: "://") else {
            throw ImageError(.invalid, "'\(text)' is no URL that this node can get", hint: "it gets \(Self.kinds)")
        }
        let scheme = url[..<colon.lowerBound]
        let rest = url[colon.upperBound...]
        switch scheme {
        case "dir":
            place = .node(path: String(rest))
            form = try ImageForm.named(by: String(rest))
        case "http", "https":
            let host = rest.prefix { $0 != "/" && $0 != "?" }
            guard !host.isEmpty, !host.contains("@") else {
                throw ImageError(.invalid, "'\(url)' has to name a host, without user and password")
            }
            place = .web
            let path = rest.dropFirst(host.count).prefix { $0 != "?" }
            guard let named = try ImageForm.named(by: String(path)) else {
                throw ImageError(
                    .unsupported, "'\(url)' does not end like a form that this node knows",
                    hint: "it gets \(Self.kinds)")
            }
            form = named
        default:
            throw ImageError(.unsupported, "this node cannot get \(scheme):// roots", hint: "it gets \(Self.kinds)")
        }
    }

    private static func digest(_ fragment: String) throws(ImageError) -> [UInt8] {
        let mark = "sha256="
        let digits = Array(fragment.utf8.dropFirst(mark.utf8.count))
        guard fragment.hasPrefix(mark), digits.count == 64 else { throw wrong(fragment) }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { throw wrong(fragment) }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func wrong(_ fragment: String) -> ImageError {
        ImageError(.invalid, "the fragment '#\(fragment)' has to be #sha256= and 64 hexadecimal digits")
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension String {
    /// The first place of `text`, by characters.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
