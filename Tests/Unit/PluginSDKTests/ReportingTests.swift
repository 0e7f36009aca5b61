import JSON
import PluginSDK
import PluginTesting
import Testing

private struct Counter: Provisioner, Reporting {
    struct Data: Codable, Sendable {}
    let name: String

    func provision(_ workload: Workload<Data>, in context: Context) async throws -> Outcome<NoResult> { .present }
    func deprovision(_ workload: Workload<Data>, in context: Context) async throws {}
    func metrics(in context: Context) async throws -> [Metric] {
        [
            Metric(
                name, .gauge, "Things by state", labels: ["state": ["on", "off"]],
                [.init(["state": "on"], 2), .init(["state": "off"], .infinity)]),
            Metric("\(name)_total", .counter, "Things ever", 7),
        ]
    }
}

@Suite("Reporting")
struct ReportingTests {
    @Test("the figures of all provisioners of a plugin arrive; what is no number is left out")
    func reports() async throws {
        let plugin = Plugin(
            id: "a.b", version: "1.0.0", Serving("one", by: Counter(name: "ones")),
            Serving("two", by: Counter(name: "twos")))
        #expect(plugin.operations == [.provision, .deprovision, .metrics])
        let reply = try await plugin.serve(.metrics, [:], in: Context(host: FakeHost()))
        let metrics = try #require(reply["metrics"]?.arrayValue)
        #expect(metrics.compactMap { $0["name"]?.stringValue } == ["ones", "ones_total", "twos", "twos_total"])
        #expect(
            metrics.first == [
                "name": "ones", "kind": "gauge", "help": "Things by state", "labels": ["state": ["on", "off"]],
                "samples": [["labels": ["state": "on"], "value": .number(JSONNumber(uncheckedText: "2.0"))]],
            ])
    }
}
