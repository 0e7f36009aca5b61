import Foundation
import Signatures
import Testing

@Suite("Minisign")
struct MinisignTests {
    private let content = Array("what is signed\n".utf8)

    @Test("a signature verifies, and its texts read back")
    func roundTrip() throws {
        let secret = MinisignSecretKey.generate()
        let signature = secret.sign(content, trustedComment: "plugin:echo version:1.0.0")
        let read = try MinisignSignature(signature.fileText())
        #expect(read == signature)
        #expect(read.trustedComment == "plugin:echo version:1.0.0")
        try read.verify(content, with: MinisignPublicKey(secret.publicKey.fileText))
        try read.verify(content, with: MinisignPublicKey(secret.publicKey.base64))
        let again = try secret.withFileText { try MinisignSecretKey(fileText: $0) }
        #expect(again.publicKey == secret.publicKey)
    }

    @Test("changed content, a changed comment and another key are refused")
    func tampering() throws {
        let secret = MinisignSecretKey.generate()
        let signature = secret.sign(content, trustedComment: "one")
        #expect(throws: SignatureError.self) { try signature.verify(content + [0], with: secret.publicKey) }
        let text = signature.fileText().replacingOccurrences(of: "comment: one", with: "comment: two")
        let changed = try MinisignSignature(text)
        #expect(throws: SignatureError.self) { try changed.verify(content, with: secret.publicKey) }
        let other = MinisignSecretKey.generate()
        let error = #expect(throws: SignatureError.self) { try signature.verify(content, with: other.publicKey) }
        #expect(error?.code == .otherKey)
    }

    @Test("the same key id with another key is refused")
    func forgedKeyID() throws {
        let secret = MinisignSecretKey.generate()
        let other = MinisignSecretKey.generate()
        let forged = try #require(Base64.decode(other.publicKey.base64)).prefix(2) + secret.publicKey.id
        let key = try MinisignPublicKey(Base64.encode(Array(forged) + other.publicKey.key.bytes))
        let error = #expect(throws: SignatureError.self) {
            try secret.sign(content, trustedComment: "").verify(content, with: key)
        }
        #expect(error?.code == .badSignature)
    }

    @Test("texts that are no signature or key are refused")
    func badTexts() {
        for text in ["", "\n", "untrusted comment: x\n", "a\nb\nc\nd\n", String(repeating: "x\n", count: 1 << 16)] {
            #expect(throws: SignatureError.self) { try MinisignSignature(text) }
            #expect(throws: SignatureError.self) { try MinisignPublicKey(text) }
            #expect(throws: SignatureError.self) { try MinisignSecretKey(fileText: text) }
        }
    }

    @Test("a key under a password opens with it, and with nothing else")
    func password() throws {
        // Made with low limits, so that it opens at once; Debian's minisign signs with the same text and password.
        let text = """
            untrusted comment: minisign encrypted secret key
            RWRTY0IyAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAAgAAAAAAAAAAAAAEAAAAA+5lAjW0cNyIxVsYy5d8Fxh/3TJ33bxXguOoynIN0\
            4Fx0A1jPTLB77YnenmdLPmvL2DI4j5jOPbh9ariWVC0HdNgtiu1G3yaJtpJJMJu9Q6NSYu133eZBRyh19/9jmJsfEqgh+s1LMcc=
            """
        #expect(MinisignSecretKey.needsPassword(fileText: text))
        let key = try MinisignSecretKey(fileText: text, password: Array("correct horse".utf8))
        #expect(key.publicKey.base64 == "RWSSQ0J4G1MwTFm3DQjxlKv4IcbXpwhErRJTZRE0mWjMxZEVRRwxd2kt")
        for wrong in [nil, Array("wrong horse".utf8), []] {
            let error = #expect(throws: SignatureError.self) { try MinisignSecretKey(fileText: text, password: wrong) }
            #expect(error?.code == .badSecret)
        }
        // Limits that would take all memory are refused before any is taken.
        var bytes = try #require(Base64.decode(String(text.split(separator: "\n")[1])))
        bytes[52] = 0xff
        let greedy = "untrusted comment: x\n\(Base64.encode(bytes))\n"
        #expect(throws: SignatureError.self) { try MinisignSecretKey(fileText: greedy, password: [1]) }
        let open = MinisignSecretKey.generate().withFileText { MinisignSecretKey.needsPassword(fileText: $0) }
        #expect(!open)
    }

    @Test("the minisign program accepts our signatures and we accept its")
    func program() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "minisign-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path() }
        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        func read(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
        }
        try Data(content).write(to: folder.appending(path: "content"))

        // Ours, checked by the program.
        let ours = MinisignSecretKey.generate()
        try write(ours.publicKey.fileText, to: "ours.pub")
        try write(ours.sign(content, trustedComment: "from us").fileText(), to: "ours.sig")
        #expect(try minisign("-V", "-p", path("ours.pub"), "-x", path("ours.sig"), "-m", path("content")) == 0)

        // Our key file, used by the program.
        try ours.withFileText { try write($0, to: "ours.key") }
        let sign = ["-S", "-s", path("ours.key"), "-x", path("mixed.sig"), "-t", "theirs", "-m", path("content")]
        #expect(try minisign(sign) == 0)
        let mixed = try MinisignSignature(read("mixed.sig"))
        try mixed.verify(content, with: ours.publicKey)
        #expect(mixed.trustedComment == "theirs")

        // The program's key and signature, read by us.
        #expect(try minisign("-G", "-W", "-p", path("theirs.pub"), "-s", path("theirs.key")) == 0)
        let theirs = try MinisignSecretKey(fileText: read("theirs.key"))
        #expect(try theirs.publicKey == MinisignPublicKey(read("theirs.pub")))
        try write(theirs.sign(content, trustedComment: "x").fileText(), to: "again.sig")
        #expect(try minisign("-V", "-p", path("theirs.pub"), "-x", path("again.sig"), "-m", path("content")) == 0)

        // The old form, which is not prehashed, is refused.
        let old = ["-S", "-l", "-s", path("theirs.key"), "-x", path("old.sig"), "-m", path("content")]
        #expect(try minisign(old) == 0)
        #expect(throws: SignatureError.self) { try MinisignSignature(try read("old.sig")) }
    }

    private func minisign(_ arguments: String...) throws -> Int32 { try minisign(arguments) }

    private func minisign(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/minisign")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
