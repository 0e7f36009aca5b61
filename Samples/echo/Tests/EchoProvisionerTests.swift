import EchoProvisioner
import JSON
import PluginSDK
import PluginTesting
import Testing

@Suite("Echo")
struct EchoProvisionerTests {
    private let plugin = makeEchoPlugin()
    private let context = Context(host: FakeHost())

    private func subject(_ text: String) -> JSONValue {
        [
            "id": "7-12-hello", "twin": 7, "contract": 12, "name": "hello", "type": "echo", "version": 0,
            "data": ["text": .string(text)],
        ]
    }

    @Test("says back what it was told")
    func provision() async throws {
        let outcome = try await plugin.serve(.provision, ["subject": subject("hi"), "paused": false], in: context)
        #expect(outcome["outcome"] == "ready")
        #expect(outcome["result"] == ["text": "hi"])
    }

    @Test("an update says the new text")
    func update() async throws {
        let request: JSONValue = ["subject": subject("new"), "previous": ["text": "old"]]
        let outcome = try await plugin.serve(.update, request, in: context)
        #expect(outcome["result"] == ["text": "new"])
    }

    @Test("the limit is counted in bytes, not in characters")
    func limit() async throws {
        let exact = String(repeating: "é", count: 512)
        _ = try await plugin.serve(.validate, ["subject": subject(exact)], in: context)
        await #expect(throws: PluginError.invalid("text is longer than 1024 bytes")) {
            _ = try await plugin.serve(.validate, ["subject": subject(exact + "x")], in: context)
        }
    }

    @Test("data that is no echo is refused as the user's mistake")
    func wrongData() async throws {
        var wrong = subject("hi").objectValue ?? [:]
        wrong["data"] = ["words": 1]
        let error = await #expect(throws: PluginError.self) {
            _ = try await plugin.serve(.provision, ["subject": .object(wrong)], in: context)
        }
        #expect(error?.status == .invalid)
    }
}
