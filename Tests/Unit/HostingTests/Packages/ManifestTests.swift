import Foundation
import Hosting
import JSON
import Testing

@Suite("Manifest")
struct ManifestTests {
    private func manifest(_ changes: [(String, JSONValue?)] = []) throws -> Manifest {
        var object = try #require(try JSONValue(parsing: PackageFixture.manifest).objectValue)
        for (member, value) in changes { object[member] = value }
        return try Manifest(parsing: Array(JSONValue.object(object).text.utf8))
    }

    private func refusal(_ changes: [(String, JSONValue?)]) throws -> String {
        do {
            _ = try manifest(changes)
            return "accepted"
        } catch let error as HostingError {
            #expect(error.code == .badManifest)
            return error.message
        }
    }

    private func type(_ members: JSONObject) -> [(String, JSONValue?)] {
        var type: JSONObject = ["name": "hello", "schema": "schemas/hello.json"]
        for member in members.members { type[member.key] = member.value }
        return [("types", [.object(type)])]
    }

    @Test("a manifest is read with the defaults for what it leaves out")
    func defaults() throws {
        let manifest = try manifest()
        #expect(manifest.id == "org.example.hello")
        #expect(manifest.version.text == "1.2.3")
        #expect(manifest.abi == 1...1)
        #expect(manifest.types.map(\.name) == ["hello"])
        #expect(manifest.types[0].updatable == ["/text"])
        #expect(manifest.types[0].rule.isCanonical)
        #expect(manifest.limits.memory == 256 << 20)
        #expect(manifest.state.reads(1))
        #expect(manifest.trustedComment == "plugin:org.example.hello version:1.2.3")
    }

    @Test("a type's info is a command for the node, and features are names")
    func info() throws {
        let command: JSONValue = ["name": "hello.info", "callers": "node"]
        let manifest = try manifest(
            type(["info": "hello.info"]) + [("commands", [command]), ("features", ["greetings"])])
        #expect(manifest.types[0].info == "hello.info")
        #expect(manifest.features == ["greetings"])
        for commands in [[], [["name": "hello.info", "callers": "any"]]] as [JSONValue] {
            #expect(try refusal(type(["info": "hello.info"]) + [("commands", commands)]).contains("hello.info"))
        }
        for features in [["a b"], ["x", "x"], "x", [1]] as [JSONValue] {
            #expect(try refusal([("features", features)]).contains("features"))
        }
    }

    @Test("all members are read")
    func full() throws {
        let manifest = try manifest([
            ("commands", [["name": "example.hello.count", "callers": "owner", "request": ["type": "null"]]]),
            ("entitlements", [["name": "folder", "parameters": ["name": "pool"], "reason": "Keeps greetings."]]),
            ("companions", [["id": "speaker", "program": "/usr/bin/true", "arguments": ["-x"]]]),
            ("limits", ["memory": 67_108_864, "calls": 4, "deadlines": ["provision": 30]]),
            ("state", ["version": 3, "migrates": [1, 2]]),
        ])
        #expect(manifest.commands.map(\.callers) == [.owner])
        #expect(manifest.entitlements.map(\.name) == ["folder"])
        #expect(manifest.companions.map(\.id) == ["speaker"])
        #expect(manifest.limits.deadlines == ["provision": .seconds(30)])
        #expect(manifest.state.reads(2) && !manifest.state.reads(4))
        let type = try self.manifest(
            type([
                "shareable": true, "pausable": true, "exports": ["directory"],
                "references": [["pointer": "/disks/*/name", "exports": ["block-device"], "scope": "twin"]],
            ])
        ).types[0]
        #expect(type.isShareable && type.isPausable)
        #expect(type.references.map(\.scope) == [.twin])
    }

    @Test("unknown and repeated members are refused, at every level")
    func strict() throws {
        #expect(try refusal([("network", true)]).contains("network"))
        #expect(try refusal(type(["public": true])).contains("public"))
        #expect(try refusal([("limits", ["disk": 1])]).contains("disk"))
        let repeated = PackageFixture.manifest.replacing("\"summary\":", with: "\"version\": \"9.0.0\", \"summary\":")
        #expect(throws: HostingError.self) { try Manifest(parsing: Array(repeated.utf8)) }
        #expect(throws: HostingError.self) {
            try Manifest(parsing: Array(PackageFixture.manifest.utf8) + [0x20, 0x7B])
        }
        #expect(throws: HostingError.self) { try Manifest(parsing: Array(repeating: 0x20, count: 300_000)) }
    }

    @Test("wrong members are refused and named")
    func wrong() throws {
        #expect(try refusal([("manifest", 2)]).contains("plugin.json/manifest"))
        for id: JSONValue in ["hello", "org..x", "Org.example", "org/x.y", "-a.b", 7, "org.éx"] {
            #expect(try refusal([("id", id)]).contains("plugin.json/id"))
        }
        #expect(try refusal([("version", "1.2")]).contains("version"))
        #expect(try refusal([("abi", ["min": 2, "max": 1])]).contains("abi"))
        #expect(try refusal([("abi", nil)]).contains("abi"))
        #expect(try refusal([("summary", "two\nlines")]).contains("summary"))
        #expect(try refusal([("limits", ["memory": 1])]).contains("memory"))
        #expect(try refusal([("entitlements", [["name": "folder"]])]).contains("reason"))
        let unknown: JSONValue = ["name": "everything", "reason": "Because."]
        #expect(try refusal([("entitlements", [unknown])]).contains("everything"))
        #expect(try refusal([("commands", [["name": "hello", "callers": "any"]])]).contains("name"))
        #expect(try refusal([("commands", [["name": "a.b", "callers": "all"]])]).contains("callers"))
        #expect(try refusal(type(["schema": "../x"])).contains("schema"))
        #expect(try refusal(type(["updatable": ["text"]])).contains("updatable"))
        #expect(try refusal(type(["updatable": ["/a~2"]])).contains("updatable"))
        #expect(try refusal(type(["references": [["pointer": ""]]])).contains("pointer"))
        let twice: JSONValue = ["name": "hello", "schema": "schemas/hello.json"]
        #expect(try refusal([("types", [twice, twice])]).contains("twice"))
    }

    @Test(
        "type names and rules are checked, by class",
        arguments: [
            (#"{"name":"Zmount"}"#, "type-name"), ("{\"name\":\"zm\u{43E}unt\"}", "type-name"),
            (#"{"name":"a--b"}"#, "type-name"),
            (#"{"name":"a-name-that-has-more-than-forty-eight-characters-in"}"#, "type-name"),
            (#"{"rule":{"rule":"canonical-2"}}"#, "rule-kind"),
            (#"{"rule":{"rule":"fields-1","fields":[]}}"#, "rule-reserved"), (#"{"rule":"canonical-1"}"#, "rule-"),
            (#"{"name":"volume","rule":{"rule":"canonical-1"}}"#, "rule-reserved"),
            (
                #"{"name":"volume","rule":{"rule":"fields-1","fields":[{"name":"size","is":"uint32"}]}}"#,
                "rule-reserved"
            ),
        ])
    func rules(_ members: String, _ expected: String) throws {
        let object = try #require(try JSONValue(parsing: members).objectValue)
        #expect(try refusal(type(object)).contains(expected))
    }

    @Test("a historic type may repeat the table's rule, a new one the canonical rule")
    func repeatedRules() throws {
        let volume = try manifest(
            type(["name": "volume", "rule": ["rule": "fields-1", "fields": [["name": "size", "is": "uint64"]]]]))
        #expect(!volume.types[0].rule.isCanonical)
        #expect(try manifest(type(["rule": ["rule": "canonical-1"]])).types[0].rule.isCanonical)
    }
}
