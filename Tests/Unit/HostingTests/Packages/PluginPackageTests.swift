import Foundation
import Hosting
import JSON
import Signatures
import Testing

@Suite("Plugin packages")
struct PluginPackageTests {
    private func refusal(
        _ fixture: PackageFixture, trust: TrustPolicy? = nil, abi: ClosedRange<UInt32> = 1...1
    ) throws -> HostingError {
        try #require(throws: HostingError.self) { try fixture.verify(trust: trust, abi: abi) }
    }

    @Test("a packed plugin verifies and gives its types and its object")
    func verifies() throws {
        let fixture = try PackageFixture()
        try fixture.write(ElfSample(entries: [(29, "$ORIGIN"), (1, "libc.so.6")]).bytes, "object.so")
        try FileManager.default.createDirectory(
            atPath: fixture.path("source/Sources"), withIntermediateDirectories: true)
        try fixture.write("not packed", "source/Sources/main.swift")
        try fixture.pack()
        let package = try fixture.verify()
        #expect(package.manifest.id == "org.example.hello")
        #expect(package.publisher.name == "test")
        #expect(package.object == (try fixture.bytes("package/plugin.so")))
        #expect(package.types[0].schema.validate(["text": "x"]).isEmpty)
        #expect(package.file(at: "Sources/main.swift") == nil)
        let lines = try fixture.text("package/plugin.files").split(separator: "\n").map { $0.split(separator: " ")[2] }
        #expect(lines == ["plugin.json", "plugin.so", "schemas/hello.json"])
    }

    @Test("minisign itself accepts the signature")
    func minisign() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/minisign")
        process.arguments = ["-V", "-q", "-m", "\(fixture.package)/plugin.files", "-P", fixture.key.publicKey.base64]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("a changed, missing or added file is refused")
    func tampered() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        try fixture.write(PackageFixture.schema + " ", "package/schemas/hello.json")
        #expect(try refusal(fixture).message.contains("schemas/hello.json is not the file that was signed"))
        try fixture.write(
            #"{"description": "A greetinG.", "type": "object", "required": ["text"]}"#, "package/schemas/hello.json")
        #expect(try refusal(fixture).code == .badPackage)
        try FileManager.default.removeItem(atPath: fixture.path("package/schemas/hello.json"))
        #expect(try refusal(fixture).message.contains("lacks schemas/hello.json"))
        try fixture.write(PackageFixture.schema, "package/schemas/hello.json")
        #expect(throws: Never.self) { try fixture.verify() }
        try fixture.write("x", "package/extra")
        #expect(try refusal(fixture).message.contains("extra"))
    }

    @Test("a changed list, signature or trusted comment is refused")
    func signature() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let list = try fixture.text("package/plugin.files")
        try fixture.write(list + "\n", "package/plugin.files")
        #expect(try refusal(fixture).code == .badSignature)
        try fixture.write(list, "package/plugin.files")
        let signature = try fixture.text("package/plugin.files.minisig")
        try fixture.write(signature.replacing("version:1.2.3", with: "version:1.2.4"), "package/plugin.files.minisig")
        #expect(try refusal(fixture).code == .badSignature)
        try fixture.signAgain(comment: "plugin:org.example.hello version:1.2.4")
        #expect(try refusal(fixture).message.contains("another plugin or version"))
        try fixture.write("rubbish", "package/plugin.files.minisig")
        #expect(try refusal(fixture).code == .badSignature)
        try FileManager.default.removeItem(atPath: fixture.path("package/plugin.files.minisig"))
        #expect(try refusal(fixture).message.contains("has no plugin.files.minisig"))
    }

    @Test("a signature by a stranger, by a stranger with a trusted key's id, or by a revoked key is refused")
    func strangers() throws {
        let fixture = try PackageFixture()
        let stranger = MinisignSecretKey.generate()
        try fixture.pack(key: stranger)
        #expect(try refusal(fixture).code == .untrusted)
        // The same key id in front of another key: what a forger can choose.
        let trusted = Base64.decode(fixture.key.publicKey.base64) ?? []
        let forged = Base64.decode(stranger.publicKey.base64) ?? []
        let mixed = try MinisignPublicKey(Base64.encode(Array(forged[..<10]) + Array(trusted[10...])))
        #expect(try refusal(fixture, trust: TrustPolicy(trusting: mixed, name: "x")).code == .badSignature)
        let revoked = try TrustPolicy(
            parsing: Array(
                #"{"trust":1,"publishers":[{"key":"\#(stranger.publicKey.base64)","name":"x","types":["*"]},{"key":"\#(stranger.publicKey.base64)","name":"x","types":["*"],"revoked":true}]}"#
                    .utf8))
        #expect(try refusal(fixture, trust: revoked).message.contains("revoked"))
    }

    @Test("links, pipes and names that differ only in case are refused")
    func specialFiles() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let files = FileManager.default
        try files.createSymbolicLink(atPath: fixture.path("package/link"), withDestinationPath: "plugin.json")
        #expect(try refusal(fixture).message.contains("symbolic link"))
        try files.removeItem(atPath: fixture.path("package/link"))
        try files.createSymbolicLink(atPath: fixture.path("package/docs"), withDestinationPath: "/etc")
        #expect(try refusal(fixture).message.contains("symbolic link"))
        try files.removeItem(atPath: fixture.path("package/docs"))
        try files.linkItem(atPath: fixture.path("object.so"), toPath: fixture.path("package/hard"))
        #expect(try refusal(fixture).message.contains("hard links"))
        try files.removeItem(atPath: fixture.path("package/hard"))
        #expect(mkfifo(fixture.path("package/pipe"), 0o600) == 0)
        #expect(try refusal(fixture).message.contains("no regular file"))
        try files.removeItem(atPath: fixture.path("package/pipe"))
        try fixture.write("{}", "package/PLUGIN.json")
        #expect(try refusal(fixture).message.contains("letter case"))
        try files.removeItem(atPath: fixture.path("package/PLUGIN.json"))
        try fixture.write("{}", "package/a\nb")
        #expect(try refusal(fixture).code == .badPackage)
        try files.moveItem(atPath: fixture.package, toPath: fixture.path("real"))
        try files.createSymbolicLink(atPath: fixture.package, withDestinationPath: "real")
        #expect(try refusal(fixture).message.contains("cannot be opened"))
    }

    @Test("lists that are not in the one allowed form are refused, even if signed")
    func lists() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let lines = try fixture.text("package/plugin.files").split(separator: "\n").map(String.init)
        let digest = String(repeating: "0", count: 64)
        let broken = [
            lines.reversed().joined(separator: "\n") + "\n", lines.joined(separator: "\n"),
            lines.joined(separator: "\r\n") + "\r\n", (lines + [lines[2]]).joined(separator: "\n") + "\n",
            "\(digest) 1 ../x\n", "\(digest) 1 /x\n", "\(digest) 1 a//b\n", "\(digest) 1 plugin.files\n",
            "\(digest) -1 x\n", "\(digest) 01 x\n", "\(digest) 1  x y\n\(digest) 1 x\n", "\(digest.dropLast()) 1 x\n",
            "\(digest) 300000000 x\n", "\(digest) 1 A\n\(digest) 1 a\n", "", "\n",
            lines.joined(separator: "\n").uppercased() + "\n",
        ]
        for text in broken {
            try fixture.write(text, "package/plugin.files")
            try fixture.signAgain()
            #expect(try refusal(fixture).code == .badPackage, "\(text)")
        }
    }

    @Test("another ABI is refused with both sides and the way out")
    func abi() throws {
        let fixture = try PackageFixture()
        try fixture.pack(
            manifest: PackageFixture.manifest.replacing(#"{"min": 1, "max": 1}"#, with: #"{"min": 3, "max": 4}"#))
        let error = try refusal(fixture, abi: 1...2)
        #expect(error.code == .incompatibleABI)
        #expect(error.description.contains("speaks plugin ABI 3–4, this node speaks 1–2; upgrade the node"))
    }

    @Test("what could not be installed is not signed")
    func packing() throws {
        let fixture = try PackageFixture()
        #expect(throws: HostingError.self) { try fixture.pack(manifest: "{}") }
        try fixture.write(#"{"$dynamicRef": "x"}"#, "source/schemas/hello.json")
        #expect(throws: HostingError.self) { try fixture.pack() }
        try fixture.write(PackageFixture.schema, "source/schemas/hello.json")
        try fixture.write("not an object", "object.so")
        #expect(throws: HostingError.self) { try fixture.pack() }
        try fixture.write(ElfSample(entries: [(1, "libcurl.so.4")]).bytes, "object.so")
        #expect(throws: HostingError.self) { try fixture.pack() }
    }

    @Test("a package that was changed can be signed again")
    func resign() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        try fixture.write(PackageFixture.schema + "\n", "package/schemas/hello.json")
        try PackageWriter(key: fixture.key).sign(folder: fixture.package)
        #expect(throws: Never.self) { try fixture.verify() }
    }
}
