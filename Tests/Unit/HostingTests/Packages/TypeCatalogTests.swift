import Hosting
import JSON
import Testing

@Suite("Type catalogue")
struct TypeCatalogTests {
    private func packages(_ fixture: PackageFixture) throws -> [PluginPackage] {
        try ["org.example.hello", "org.example.other"].map { id in
            try fixture.pack(manifest: PackageFixture.manifest.replacing("org.example.hello", with: id))
            return try fixture.verify()
        }
    }

    private func trust(_ fixture: PackageFixture, pinned: [String]) throws -> TrustPolicy {
        let pins = pinned.map { #""\#($0)":{"versions":">=1.0.0"}"# }.joined(separator: ",")
        return try TrustPolicy(parsing: Array(#"{"trust":1,"pins":{\#(pins)}}"#.utf8))
    }

    @Test("a loaded type comes with its schema and what the manifest says of it")
    func types() throws {
        let fixture = try PackageFixture()
        try fixture.pack()
        let catalog = TypeCatalog([try fixture.verify()], trust: fixture.trust)
        let type = try #require(catalog.type(named: "hello"))
        #expect(type.plugin == "org.example.hello")
        #expect(type.summary == "A greeting.")
        #expect(type.violation(["text": "x"]) == nil)
        #expect(type.violation([:])?.contains("must have the member \"text\"") == true)
        #expect(catalog.type(named: "Hello") == nil)
    }

    @Test("two plugins that claim one type: neither is loaded unless a pin decides")
    func conflict() throws {
        let fixture = try PackageFixture()
        let both = try packages(fixture)
        let neither = TypeCatalog(both, trust: fixture.trust)
        #expect(neither.types.isEmpty)
        #expect(neither.refusals.map(\.reason.code) == [.typeConflict, .typeConflict])
        let one = TypeCatalog(both, trust: try trust(fixture, pinned: ["org.example.other"]))
        #expect(one.plugins == ["org.example.other"])
        #expect(one.refusals.map(\.plugin) == ["org.example.hello"])
        let two = TypeCatalog(both, trust: try trust(fixture, pinned: ["org.example.other", "org.example.hello"]))
        #expect(two.types.isEmpty)
    }

    @Test("the node's own commands cannot be claimed")
    func reserved() throws {
        let fixture = try PackageFixture()
        try fixture.pack(
            manifest: PackageFixture.manifest.replacing(
                "\"summary\":",
                with: #""commands": [{"name": "zos.deployment.deploy", "callers": "any"}], "summary":"#))
        let catalog = TypeCatalog([try fixture.verify()], trust: fixture.trust, reservedCommands: ["zos.deployment."])
        #expect(catalog.plugins.isEmpty)
        #expect(catalog.refusals.map(\.reason.code) == [.typeConflict])
    }
}
