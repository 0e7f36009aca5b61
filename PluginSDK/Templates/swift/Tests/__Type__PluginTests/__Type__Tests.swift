import JSON
import PluginSDK
import PluginTesting
import Testing

@testable import __Type__Plugin

@Suite("__type__")
struct __Type__Tests {
    private let plugin = makePlugin()
    private let context = Context(host: FakeHost())

    private func subject(_ name: String) -> JSONValue {
        [
            "id": "7-12-first", "twin": 7, "contract": 12, "name": "first", "type": "__type__", "version": 0,
            "data": ["name": .string(name)],
        ]
    }

    @Test("greets by name")
    func provision() async throws {
        let outcome = try await plugin.serve(.provision, ["subject": subject("grid"), "paused": false], in: context)
        #expect(outcome["result"] == ["greeting": "Hello, grid!"])
    }

    @Test("an update greets the new name")
    func update() async throws {
        let request: JSONValue = ["subject": subject("you"), "previous": ["name": "grid"]]
        #expect(try await plugin.serve(.update, request, in: context)["result"] == ["greeting": "Hello, you!"])
    }

    @Test("nobody to greet is the user's mistake")
    func nobody() async {
        await #expect(throws: PluginError.invalid("there is nobody to greet")) {
            try await plugin.serve(.provision, ["subject": subject(""), "paused": false], in: context)
        }
    }
}
