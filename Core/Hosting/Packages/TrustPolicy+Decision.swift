import Signatures

extension TrustPolicy {
    /// The trusted publisher that signed `content`. Keys are compared whole: anybody can choose a key's id.
    /// - Throws: `untrusted`, `badSignature`.
    func publisher(of signature: MinisignSignature, over content: [UInt8]) throws(HostingError) -> Publisher {
        let digest = Sodium.blake2b(content, length: 64)
        let candidates = publishers.filter { $0.key.id == signature.keyID }
        let signers = candidates.filter { publisher in
            do throws(SignatureError) {
                try signature.verify(digest: digest, with: publisher.key)
                return true
            } catch { return false }  // Another key of the same id: the error below speaks for all of them.
        }
        if let revoked = signers.first(where: \.isRevoked) {
            throw HostingError(.untrusted, "the key of \(revoked.name), which signed the package, is revoked")
        }
        if let signer = signers.first { return signer }
        guard candidates.isEmpty else {
            throw HostingError(
                .badSignature, "the package does not match its signature: it was changed after it was signed")
        }
        throw HostingError(
            .untrusted, "the package is signed by a key that the trust policy does not name",
            hint: "if you trust its publisher, add the publisher's whole key to trust.json")
    }

    /// Checks what the policy says about a plugin whose publisher is known.
    /// - Throws: `untrusted`, `downgrade`.
    func check(_ manifest: Manifest, digest: [UInt8], of publisher: Publisher) throws(HostingError) {
        for type in manifest.types where !publisher.types.contains(where: { Self.matches(type.name, pattern: $0) }) {
            throw HostingError(
                .untrusted, "the publisher \(publisher.name) is not trusted with the type \(type.name)",
                hint: "add it to the publisher's types in trust.json")
        }
        switch pin(of: manifest.id) {
        case .digest(let pinned) where pinned != digest:
            throw HostingError(.untrusted, "\(manifest.id) is pinned to another package than this one")
        case .versions(let range) where !range.contains(manifest.version):
            throw HostingError(
                .untrusted, "\(manifest.id) \(manifest.version) is outside of the versions that are pinned: \(range)")
        default: break
        }
        if let minimum = minimumVersion(of: manifest.id), manifest.version < minimum {
            throw HostingError(
                .downgrade, "\(manifest.id) \(manifest.version) is below the minimum version \(minimum)")
        }
    }

    /// Whether a name fits a pattern in which `*` stands for any text.
    static func matches(_ name: String, pattern: String) -> Bool {
        let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(name.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else { return false }
        if parts.count == 1 { return rest.elementsEqual(first) }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = Self.position(of: Array(part), in: rest) else { return false }
            rest = rest[(found + part.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func position(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        text.indices.first { text[$0...].starts(with: part) } ?? (part.isEmpty ? text.startIndex : nil)
    }
}
