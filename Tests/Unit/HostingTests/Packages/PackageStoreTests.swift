import Foundation
import Hosting
import JSON
import Testing

@Suite("Package store")
struct PackageStoreTests {
    private let id = "org.example.hello"

    private func version(_ version: String) -> String { PackageFixture.manifest.replacing("1.2.3", with: version) }

    private func events(_ fixture: PackageFixture) throws -> [String] {
        try fixture.text("plugins/packages_log.jsonl").split(separator: "\n").map {
            try JSONValue(parsing: String($0))["event"]?.stringValue ?? ""
        }
    }

    @Test("what was verified is what is stored, read-only, and what is loaded")
    func installs() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let store = try fixture.openStore()
        let installed = try store.install(folder: fixture.package, trust: fixture.trust)
        // The source may go or change: the copy counts.
        try FileManager.default.removeItem(atPath: fixture.package)
        let loaded = try fixture.openStore().load(id, trust: fixture.trust)
        #expect(loaded.object == installed.object)
        #expect(loaded.digest == installed.digest)
        let copy = "plugins/\(id)/\(installed.digestText)/plugin.so"
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path(copy))
        #expect(attributes[.posixPermissions] as? Int == 0o444)
        #expect(store.installed().map(\.version) == ["1.2.3"])
        #expect(try events(fixture) == ["install", "load"])
    }

    @Test("a stored copy that was changed is refused at the next load")
    func tampered() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let store = try fixture.openStore()
        let digest = try store.install(folder: fixture.package, trust: fixture.trust).digestText
        try fixture.write(ElfSample(entries: [(1, "libm.so.6")]).bytes, "plugins/\(id)/\(digest)/plugin.so")
        let error = #expect(throws: HostingError.self) { try store.load(id, trust: fixture.trust) }
        #expect(error?.code == .badPackage)
        #expect(try events(fixture) == ["install", "refusal"])
        try store.install(folder: fixture.package, trust: fixture.trust)
        #expect(throws: Never.self) { try store.load(id, trust: fixture.trust) }
    }

    @Test("another package in the place of the stored one is refused, even if it is signed")
    func swapped() throws {
        let fixture = try PackageFixture()
        let store = try fixture.openStore()
        try fixture.pack(manifest: version("1.0.0"))
        let old = try store.install(folder: fixture.package, trust: fixture.trust).digestText
        try FileManager.default.copyItem(atPath: fixture.path("plugins/\(id)/\(old)"), toPath: fixture.path("kept"))
        try fixture.pack()
        let new = try store.install(folder: fixture.package, trust: fixture.trust).digestText
        #expect(!FileManager.default.fileExists(atPath: fixture.path("plugins/\(id)/\(old)")))
        try FileManager.default.removeItem(atPath: fixture.path("plugins/\(id)/\(new)"))
        try FileManager.default.moveItem(atPath: fixture.path("kept"), toPath: fixture.path("plugins/\(id)/\(new)"))
        let error = #expect(throws: HostingError.self) { try store.load(id, trust: fixture.trust) }
        #expect(error?.message.contains("not the one that was installed") == true)
    }

    @Test("a lower version needs an explicit word, also after removal and after a restart")
    func downgrade() throws {
        let fixture = try PackageFixture()
        try fixture.pack(manifest: version("2.0.0"))
        try fixture.openStore().install(folder: fixture.package, trust: fixture.trust)
        try fixture.openStore().remove(id)
        try fixture.pack(manifest: version("1.9.0"))
        let store = try fixture.openStore()
        #expect(store.ids().isEmpty)
        let error = #expect(throws: HostingError.self) {
            try store.install(folder: fixture.package, trust: fixture.trust)
        }
        #expect(error?.code == .downgrade)
        #expect(store.installed().isEmpty)
        try store.install(folder: fixture.package, trust: fixture.trust, downgrade: .allow)
        #expect(store.installed().map(\.version) == ["1.9.0"])
        #expect(store.ids() == [id])
        #expect(store.installed().map(\.highest) == ["2.0.0"])
        #expect(try events(fixture) == ["install", "removal", "refusal", "install"])
    }

    @Test("trust that was withdrawn counts at the next load")
    func withdrawn() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let store = try fixture.openStore()
        try store.install(folder: fixture.package, trust: fixture.trust)
        let nobody = try TrustPolicy(parsing: Array(#"{"trust":1}"#.utf8))
        let error = #expect(throws: HostingError.self) { try store.load(id, trust: nobody) }
        #expect(error?.code == .untrusted)
    }

    @Test("what an interrupted installation left is no obstacle")
    func interrupted() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        try FileManager.default.createDirectory(
            atPath: fixture.path("plugins/\(id)/incoming/schemas"), withIntermediateDirectories: true)
        try fixture.write("half", "plugins/\(id)/incoming/plugin.so")
        let store = try fixture.openStore()
        #expect(store.installed().isEmpty)
        try store.install(folder: fixture.package, trust: fixture.trust)
        #expect(throws: Never.self) { try store.load(id, trust: fixture.trust) }
    }

    @Test("a damaged record is reported, not taken for an absent plugin")
    func damagedRecord() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let store = try fixture.openStore()
        try store.install(folder: fixture.package, trust: fixture.trust)
        try fixture.write("{", "plugins/\(id)/record.json")
        #expect(store.ids() == [id])
        let error = #expect(throws: HostingError.self) { try store.load(id, trust: fixture.trust) }
        #expect(error?.message.contains("damaged") == true)
        #expect(throws: HostingError.self) { try store.install(folder: fixture.package, trust: fixture.trust) }
    }

    @Test("removed and never installed plugins are refused by name")
    func absent() throws {
        let fixture = try PackageFixture()
        let store = try fixture.openStore()
        #expect(throws: HostingError.self) { try store.load(id, trust: fixture.trust) }
        #expect(throws: HostingError.self) { try store.load("../../etc", trust: fixture.trust) }
        #expect(throws: HostingError.self) { try store.remove(id) }
    }
}
