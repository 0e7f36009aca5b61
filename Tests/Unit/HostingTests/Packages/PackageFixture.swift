import Foundation
import Hosting
import Signatures

/// A plugin's source folder, a key and a package made from both, in a temporary folder that goes with this object.
final class PackageFixture {
    static let manifest = """
        {"manifest": 1, "id": "org.example.hello", "version": "1.2.3", "abi": {"min": 1, "max": 1},
         "summary": "Says hello.", "types": [{"name": "hello", "schema": "schemas/hello.json", "updatable": ["/text"]}]}
        """
    static let schema = #"{"description": "A greeting.", "type": "object", "required": ["text"]}"#

    let root: URL
    let key = MinisignSecretKey.generate()
    var trust: TrustPolicy { TrustPolicy(trusting: key.publicKey, name: "test") }
    var source: String { root.appending(path: "source").path() }
    var package: String { root.appending(path: "package").path() }
    var store: String { root.appending(path: "plugins").path() }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "zos-packages-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: "\(source)/schemas", withIntermediateDirectories: true)
        try write(Self.manifest, "source/plugin.json")
        try write(Self.schema, "source/schemas/hello.json")
        try write(ElfSample().bytes, "object.so")
    }

    deinit { try? FileManager.default.removeItem(at: root) }  // Best effort: the folder is temporary.

    func path(_ name: String) -> String { root.appending(path: name).path() }

    func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: root.appending(path: name))
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: name))) }
    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Packs the source folder, replacing an earlier package.
    func pack(manifest: String = PackageFixture.manifest, key: MinisignSecretKey? = nil) throws {
        try write(manifest, "source/plugin.json")
        if FileManager.default.fileExists(atPath: package) { try FileManager.default.removeItem(atPath: package) }
        try PackageWriter(key: key ?? self.key).pack(source: source, object: path("object.so"), into: package)
    }

    func verify(trust: TrustPolicy? = nil, abi: ClosedRange<UInt32> = 1...1) throws -> PluginPackage {
        try PluginPackage.verify(folder: package, trust: trust ?? self.trust, abi: abi)
    }

    func openStore() throws -> PackageStore { try PackageStore(root: store, abi: 1...1, now: { 1_700_000_000 }) }

    /// Signs the package's list as it now is, whatever it says.
    func signAgain(comment: String = "plugin:org.example.hello version:1.2.3") throws {
        let signature = key.sign(try bytes("package/plugin.files"), trustedComment: comment)
        try write(signature.fileText(), "package/plugin.files.minisig")
    }
}
