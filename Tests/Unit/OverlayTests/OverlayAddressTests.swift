import Foundation
import JSON
import Signatures
import Testing

@testable import Overlay

@Suite("OverlayAddress")
struct OverlayAddressTests {
    @Test("the specification's example gives its address and network")
    func example() throws {
        let key = try PublicKey(
            bytes: Hex.decode("8b6e480a3613db181b9e5bbaba7260e2".utf8) + [UInt8](repeating: 0x55, count: 16))
        // Bytes 9 and on are of this test; the first eight are of docs/spec/workloads.md section 8.
        let address = OverlayAddress(key)
        #expect(address.description.hasPrefix("200:e923:6feb:93d8:49cf:"))
        #expect(address.networkText == "300:e923:6feb:93d8::/64")
    }

    @Test("leading zeros of the key are counted, up to a key that has nothing else")
    func zeros() throws {
        var bytes = [UInt8](repeating: 0, count: 32)
        #expect(try OverlayAddress(PublicKey(bytes: bytes)).description == "2ff::")
        bytes[31] = 1
        #expect(try OverlayAddress(PublicKey(bytes: bytes)).bytes == [2, 255] + [UInt8](repeating: 0, count: 14))
        bytes = [0, 0x1f] + [UInt8](repeating: 0xff, count: 30)
        #expect(try OverlayAddress(PublicKey(bytes: bytes)).description == "20b::")
        #expect(try OverlayAddress(PublicKey(bytes: bytes)).bytes.count == 16)
    }

    @Test("addresses and networks are those that the program itself computes")
    func program() async throws {
        for number in UInt8(0)..<12 {
            let key = KeyPair(
                seed: try Seed(bytes: [UInt8](repeating: number, count: Seed.length)), scheme: .ed25519)
            let address = OverlayAddress(key.publicKey)
            let configuration = OverlaySettings().configuration(key: key, admin: nil)
            #expect(try await ask("-address", configuration) == address.description)
            #expect(try await ask("-subnet", configuration) == address.networkText)
        }
    }

    @Test("the program takes the configuration as it is written")
    func configuration() async throws {
        let key = KeyPair.generate(scheme: .ed25519)
        var settings = OverlaySettings()
        settings.peers = ["tcp://192.0.2.1:9943"]
        settings.listen = ["tcp://[::]:9943"]
        let text = settings.configuration(key: key, admin: "/run/x/admin.sock")
        let understood = try JSONValue(parsing: try await ask("-normaliseconf", text, "-json"))
        for (name, value) in try #require(try JSONValue(parsing: text).objectValue).members.map({ ($0.key, $0.value) })
        {
            #expect(understood[name] == value, "\(name)")
        }
    }

    private func ask(_ option: String, _ configuration: String, _ others: String...) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/yggdrasil")
        process.arguments = ["-useconf", option] + others
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try process.run()
                        input.fileHandleForWriting.write(Data(configuration.utf8))
                        try input.fileHandleForWriting.close()
                        let answer = output.fileHandleForReading.readDataToEndOfFile()
                        process.waitUntilExit()
                        return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                    })
            }
        }
    }
}
