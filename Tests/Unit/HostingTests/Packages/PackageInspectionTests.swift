import Foundation
import JSON
import Signatures
import Testing

@testable import Hosting

@Suite("Package inspection")
struct PackageInspectionTests {
    private func inspect(
        _ fixture: PackageFixture, _ folder: String? = nil, trust: TrustPolicy = TrustPolicy(),
        keys: [MinisignPublicKey] = []
    ) throws -> PackageInspection {
        try PackageInspection(folder: folder ?? fixture.package, trust: trust, keys: keys, abi: 1...1)
    }

    @Test("names the publisher if its key is known, and says what the node would answer")
    func signers() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let trusted = try inspect(fixture, trust: fixture.trust)
        #expect(trusted.signer == .known(try #require(fixture.trust.publishers.first)))
        #expect(trusted.refusal == nil)
        #expect(trusted.digest == (try fixture.verify().digestText))
        let stranger = try inspect(fixture)
        #expect(stranger.signer == .unknown(keyID: fixture.key.publicKey.idText))
        #expect(stranger.refusal?.code == .untrusted)
        let asked = try inspect(fixture, keys: [fixture.key.publicKey])
        guard case .known(let publisher) = asked.signer else {
            Issue.record("the given key was not looked for")
            return
        }
        #expect(publisher.key == fixture.key.publicKey)
        #expect(asked.refusal?.code == .untrusted, "a key to look for is no trust")
    }

    @Test("shows a source folder, which nobody has signed")
    func source() throws {
        let fixture = try PackageFixture()
        let inspection = try inspect(fixture, fixture.source)
        #expect(inspection.signer == .nobody)
        #expect(inspection.digest == nil)
        #expect(inspection.refusal?.code == .badPackage)
        #expect(inspection.manifest.id == "org.example.hello")
    }

    @Test("a file that was changed after signing does not keep it from being shown, and is the reason of the refusal")
    func tampered() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        try fixture.write("{}", "package/schemas/hello.json")
        let inspection = try inspect(fixture, trust: fixture.trust)
        #expect(inspection.refusal?.message.contains("schemas/hello.json is not the file that was signed") == true)
    }

    @Test("the difference between two manifests names what came, went and changed")
    func difference() {
        let old: JSONValue = [
            "version": "1.0.0", "types": [["name": "a"], ["name": "b", "pausable": false]],
            "entitlements": [["name": "folder", "parameters": ["name": "x"], "reason": "keeps x"]],
            "limits": ["memory": 1, "calls": 2],
        ]
        let new: JSONValue = [
            "version": "1.1.0", "types": [["name": "b", "pausable": true], ["name": "c"]],
            "entitlements": [
                ["name": "folder", "parameters": ["name": "x"], "reason": "keeps x"],
                ["name": "folder", "parameters": ["name": "y"], "reason": "keeps y"],
                ["name": "segments", "reason": "connects"],
            ], "limits": ["memory": 3, "calls": 2],
        ]
        let lines = ManifestDifference(from: old, to: new).changes.map {
            "\($0.kind.rawValue) \($0.what) \($0.name) \($0.detail)"
        }
        #expect(
            lines == [
                "changed type b /pausable: false → true", "added type c ", "removed type a ",
                "added entitlement folder #2 keeps y", "added entitlement segments connects",
                "changed version  \"1.0.0\" → \"1.1.0\"", "changed limits  /memory: 1 → 3",
            ])
        #expect(ManifestDifference(from: old, to: old).changes.isEmpty)
    }
}
