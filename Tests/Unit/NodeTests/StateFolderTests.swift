import Foundation
import Testing

@testable import Node

@Suite("State folder and secrets")
struct StateFolderTests {
    private final class Scratch {
        let path = "/tmp/zn-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
        }
    }

    @Test("folders are made with the rights that they need, and a second lock is refused until the first is let go")
    func prepared() throws {
        let scratch = try Scratch()
        let folder = StateFolder(state: scratch.path + "/s", run: scratch.path + "/r")
        do {
            let lock = try folder.prepare()
            withExtendedLifetime(lock) {
                let error = #expect(throws: NodeError.self) { try folder.prepare() }
                #expect(error?.code == .locked)
                #expect(error?.hint?.contains("--state") == true)
            }
        }
        _ = try folder.prepare()
        for (name, mode) in [
            ("/s", 0o711), ("/s/identity", 0o700), ("/s/plugins", 0o700), ("/s/pools/main", 0o711), ("/r", 0o711),
        ] { #expect(try scratch.mode(name) == mode, "\(name)") }
    }

    @Test("a folder that cannot be made is named")
    func unusable() throws {
        let scratch = try Scratch()
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
        let error = #expect(throws: NodeError.self) {
            try StateFolder(state: scratch.path + "/file/s", run: scratch.path + "/r").prepare()
        }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("/file") == true)
    }

    @Test("a secret is 0600, replaced as a whole, and read only from a file of its own that nobody else can read")
    func secret() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/secret"
        #expect(try SecretFile.read(path) == nil)
        try SecretFile.write("one", to: path)
        // What a crash can leave is in nobody's way.
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + ".new"))
        try SecretFile.write("two", to: path)
        #expect(try SecretFile.read(path) == "two")
        #expect(try scratch.mode("/secret") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["secret"])
        for mode in [0o640, 0o604, 0o620] as [mode_t] {
            chmod(path, mode)
            let error = #expect(throws: NodeError.self) { try SecretFile.read(path) }
            #expect(error?.code == .badIdentity)
            #expect(error?.message.contains("two") == false)
        }
        chmod(path, 0o600)
        symlink(path, scratch.path + "/link")
        #expect(throws: NodeError.self) { try SecretFile.read(scratch.path + "/link") }
    }

    @Test("a damaged identity is refused without telling what is in it")
    func damagedIdentity() throws {
        let scratch = try Scratch()
        _ = try NodeIdentity(folder: scratch.path, network: .embedded)
        try SecretFile.write("abandon ability able zebra", to: scratch.path + "/mnemonic")
        let error = #expect(throws: NodeError.self) { try NodeIdentity(folder: scratch.path, network: .embedded) }
        #expect(error?.code == .badIdentity)
        #expect("\(error as Any)".contains("zebra") == false)
    }

    @Test("every network but the embedded one names its chain and relays, over TLS", arguments: NetworkPreset.allCases)
    func presets(_ preset: NetworkPreset) {
        #expect(preset.chain.isEmpty == (preset == .embedded))
        #expect(preset.relays.isEmpty == (preset == .embedded))
        #expect((preset.chain + preset.relays).allSatisfy { $0.hasPrefix("wss://") })
    }
}
