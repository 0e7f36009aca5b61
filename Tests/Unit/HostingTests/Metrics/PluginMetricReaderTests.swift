import JSON
import Testing

@testable import Hosting

@Suite("PluginMetricReader")
struct PluginMetricReaderTests {
    private let reader = PluginMetricReader()

    private func read(_ metrics: JSONValue...) throws -> [MetricFamily] {
        try reader.families(["metrics": .array(metrics)], of: "org.example.disks")
    }

    private let good: JSONValue = [
        "name": "disks_count", "kind": "gauge", "help": "Disks by state", "labels": ["state": ["used", "free"]],
        "samples": [
            ["labels": ["state": "used"], "value": 3],
            ["labels": ["state": "free"], "value": .number(JSONNumber(uncheckedText: "1.5"))],
        ],
    ]

    @Test("figures get the plugin's id in front of the name and as a label")
    func shown() throws {
        let text = PrometheusText.write(try read(good))
        #expect(
            text == """
                # HELP node_plugin_org_example_disks_disks_count Disks by state
                # TYPE node_plugin_org_example_disks_disks_count gauge
                node_plugin_org_example_disks_disks_count{plugin="org.example.disks",state="used"} 3
                node_plugin_org_example_disks_disks_count{plugin="org.example.disks",state="free"} 1.5

                """)
    }

    @Test(
        "what could not be shown, or would be without bounds, is refused with the reason",
        arguments: [
            ("name", .string("Disks"), "a name"), ("name", .string("a b"), "a name"), ("name", .null, "a name"),
            ("kind", .string("histogram"), "neither"), ("kind", .string("x"), "neither"),
            ("labels", ["state": ["used"]], "not in its set"), ("labels", [:], "did not declare"),
            ("labels", ["plugin": ["x"]], "no name"), ("labels", ["state": []], "no name"),
            ("labels", ["state": ["used", "a\"b c"]], "no name"),
            ("labels", ["a": ["x"], "b": ["x"], "c": ["x"], "d": ["x"], "e": ["x"]], "more than 4"),
            ("samples", [["labels": ["state": "used"], "value": "3"]], "no number"),
            ("samples", [["labels": ["state": "else"], "value": 3]], "not in its set"),
            (
                "samples",
                [["labels": ["state": "used"], "value": 3], ["labels": ["state": "used"], "value": 4]], "twice"
            ),
        ] as [(String, JSONValue, String)])
    func refused(_ member: String, _ value: JSONValue, _ reason: String) throws {
        var object = try #require(good.objectValue)
        object[member] = value
        let error = #expect(throws: HostingError.self) { try read(.object(object)) }
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("a negative counter, a family twice and too many families are refused")
    func more() {
        let counter: JSONValue = ["name": "a_total", "kind": "counter", "samples": [["value": -1]]]
        #expect(throws: HostingError.self) { try read(counter) }
        #expect(throws: HostingError.self) { try read(good, good) }
        let many = (0...PluginMetricReader.familyLimit).map { index -> JSONValue in
            ["name": .string("a\(index)"), "kind": "gauge", "samples": [["value": 1]]]
        }
        #expect(throws: HostingError.self) { try reader.families(["metrics": .array(many)], of: "a.b") }
        #expect(throws: HostingError.self) { try reader.families(["metrics": "no"], of: "a.b") }
    }

    @Test("labels that change without end stop at 512 samples a plugin, whatever other plugins show")
    func cardinality() throws {
        func family(_ round: Int, _ id: String) throws -> [MetricFamily] {
            let values = (0..<32).map { "v\(round)-\($0)" }
            return try reader.families(
                [
                    "metrics": [
                        [
                            "name": "a_count", "kind": "gauge", "labels": ["x": .array(values.map { .string($0) })],
                            "samples": .array(values.map { ["labels": ["x": .string($0)], "value": 1] }),
                        ]
                    ]
                ], of: id)
        }
        for round in 0..<16 { _ = try family(round, "a.b") }
        _ = try family(3, "a.b")
        #expect(throws: HostingError.self) { try family(16, "a.b") }
        _ = try family(0, "c.d")
    }

    @Test("help and labels are escaped")
    func escapes() {
        let family = MetricFamily(
            "a", .gauge, "one\ntwo\\", samples: [.init(labels: [.init("b", "\"\\")], value: .infinity)])
        #expect(PrometheusText.write([family]) == "# HELP a one\\ntwo\\\\\n# TYPE a gauge\na{b=\"\\\"\\\\\"} +Inf\n")
    }
}
