import Hosting
import JSON
import Signatures

extension FuzzTarget {
    /// `plugin.json`, the file of an operator's trust, a publisher's key and signature.
    static let manifest = FuzzTarget("manifest") {
        try FuzzSeeds.files(["Plugins", "Samples"], "plugin.json") + [Array(#"{"publishers": []}"#.utf8)]
    } run: { bytes in
        _ = try? Manifest(parsing: bytes)
        _ = try? TrustPolicy(parsing: bytes)
        if let value = try? JSONValue(parsing: bytes) { _ = try? CompanionSpecification(parsing: value) }
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? SemanticVersion(parsing: text)
        _ = try? VersionRange(parsing: text)
        return nil
    }

    /// The list of a package's files and the signature over it.
    static let packageList = FuzzTarget("package-list") {
        let digest = String(repeating: "ab", count: 32)
        let signature = """
            untrusted comment: signature
            RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
            trusted comment: timestamp:1633700835
            wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
            """
        return [
            Array("\(digest) 12 plugin.json\n\(digest) 0 schemas/echo.json\n".utf8), Array(signature.utf8),
        ]
    } run: { bytes in
        if let list = try? PackageFileList(parsing: bytes), Array(list.text.utf8) != bytes {
            return "a list is written otherwise than it was read"
        }
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? MinisignSignature(text)
        _ = try? MinisignPublicKey(text)
        return nil
    }

    /// A shared object, of which the core reads the layout before anything is loaded.
    static let object = FuzzTarget("shared-object") {
        // A header, one segment, and nothing that either points to.
        var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        header += [3, 0, 62, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [64] + [UInt8](repeating: 0, count: 7)
        header += [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 64, 0, 3, 0, 1, 0]
        return [header + [UInt8](repeating: 0, count: 512)]
    } run: { bytes in
        _ = try? ElfObject(bytes)
        return nil
    }
}
