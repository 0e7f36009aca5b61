import Foundation
import JSON
import Signatures
import Testing

@testable import Hosting

@Suite("Trust file")
struct TrustFileTests {
    private let fixture: PackageFixture
    private let file: TrustFile
    private let id = "org.example.hello"

    init() throws {
        fixture = try PackageFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.path("node/installed"), withIntermediateDirectories: true)
        file = TrustFile(plugins: fixture.path("node"), now: { 1_700_000_000 })
        try fixture.pack()
    }

    private var key: MinisignPublicKey { fixture.key.publicKey }

    @Test("without a file nobody is trusted; with one that cannot be read neither, and it is not overwritten")
    func fileOrNone() throws {
        #expect(try file.policy().publishers.isEmpty)
        try fixture.write("{\"trust\": 2}", "node/trust.json")
        let error = #expect(throws: HostingError.self) { try file.apply(.revoke(key)) }
        #expect(error?.code == .untrusted)
        #expect(try fixture.text("node/trust.json") == "{\"trust\": 2}")
    }

    @Test("what is changed holds, is read again as it was written, and stands in the log")
    func changes() throws {
        let digest = try fixture.verify().digest
        let changes: [TrustChange] = [
            .trust(key, name: "Example", types: ["hello", "hello-*"]), .pin(plugin: id, .digest(digest)),
            .minimum(plugin: id, try SemanticVersion(parsing: "1.2.0")),
            .pin(plugin: id, .versions(try VersionRange(parsing: ">=1.2.0 <2.0.0"))),
        ]
        for change in changes { try file.apply(change) }
        let policy = try file.policy()
        #expect(policy.publishers.map(\.name) == ["Example"])
        #expect(policy.publishers.first?.types == ["hello", "hello-*"])
        #expect(policy.pin(of: id) == .versions(try VersionRange(parsing: ">=1.2.0 <2.0.0")))
        #expect(policy.minimumVersion(of: id)?.text == "1.2.0")
        #expect(throws: Never.self) { try fixture.verify(trust: policy) }
        let log = try file.history()
        #expect(log.map { $0["event"]?.stringValue } == Array(repeating: "trust", count: 4))
        #expect(log.last?["change"]?["pin"]?["versions"] == ">=1.2.0 <2.0.0")
        let mode = try #require(
            FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? NSNumber)
        #expect(mode.uint16Value == 0o600)
    }

    @Test(
        "a revoked key's packages are refused; it cannot be trusted again by the way, only by taking the revocation back"
    )
    func revocation() throws {
        try file.apply(.trust(key, name: "Example", types: ["*"]))
        try file.apply(.revoke(key))
        let refusal = #expect(throws: HostingError.self) { try fixture.verify(trust: try file.policy()) }
        #expect(refusal?.code == .untrusted && refusal?.message.contains("revoked") == true)
        let again = #expect(throws: HostingError.self) {
            try file.apply(.trust(key, name: "Example", types: ["*"]))
        }
        #expect(again?.hint?.contains("--undo") == true)
        try file.apply(.restore(key))
        #expect(throws: Never.self) { try fixture.verify(trust: try file.policy()) }
    }

    @Test("what says nothing, or speaks of what is not there, is refused and changes nothing")
    func mistakes() throws {
        try file.apply(.trust(key, name: "Example", types: ["*"]))
        let before = try fixture.text("node/trust.json")
        let other = MinisignSecretKey.generate().publicKey
        let version = try SemanticVersion(parsing: "1.0.0")
        for change in [
            TrustChange.trust(other, name: "Other", types: []), .trust(other, name: "", types: ["*"]),
            .trust(other, name: "two\nlines", types: ["*"]), .revoke(other), .restore(other), .unpin(plugin: id),
            .minimum(plugin: "hello", version), .pin(plugin: "Not an id", .digest([])),
        ] {
            #expect(throws: HostingError.self, "\(change)") { try file.apply(change) }
        }
        #expect(try fixture.text("node/trust.json") == before)
    }

    @Test("twenty changes at once all hold")
    func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { [file] in
                    try file.apply(
                        .minimum(plugin: "org.example.p\(number)", try SemanticVersion(parsing: "1.0.\(number)")))
                }
            }
            try await group.waitForAll()
        }
        let policy = try file.policy()
        for number in 0..<20 { #expect(policy.minimumVersion(of: "org.example.p\(number)")?.text == "1.0.\(number)") }
    }
}
