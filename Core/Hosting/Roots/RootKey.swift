import Unpacking

/// The name of a root's content: the form and the SHA-256 of what was unpacked.
struct RootKey: Hashable, Sendable {
    let form: ImageForm
    /// 32 bytes.
    let digest: [UInt8]

    var hex: String {
        digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    /// As the cache's folder is called.
    var name: String { "\(form.rawValue)-\(hex)" }

    /// The key that a URL with a digest stands for; nil without one.
    static func key(of reference: ImageReference, form: ImageForm?) -> RootKey? {
        guard let digest = reference.digest, let form = reference.form ?? form else { return nil }
        return RootKey(form: form, digest: digest)
    }

    /// The URL by which exactly this content is named.
    func url(of reference: ImageReference) -> String { "\(reference.url)#sha256=\(hex)" }
}
