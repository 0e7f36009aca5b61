import JSON
import Testing

@testable import PluginTesting

@Suite("Conformance kit")
struct ConformanceKitTests {
    @Test("points are the middles of equal parts, all of them if there are few")
    func spread() {
        #expect(KillLaps.spread(over: 5, atMost: nil) == [1, 2, 3, 4, 5])
        #expect(KillLaps.spread(over: 3, atMost: 4) == [1, 2, 3])
        #expect(KillLaps.spread(over: 47, atMost: 3) == [8, 24, 40])
        #expect(KillLaps.spread(over: 9, atMost: 1) == [5])
        #expect(KillLaps.spread(over: 0, atMost: 3) == [])
        #expect(KillLaps.spread(over: 9, atMost: 0) == [])
    }

    @Test("placeholders become texts and numbers, unknown ones stay and are seen")
    func placeholders() {
        let filled = Placeholders(n: 7, values: ["root": "/srv"]).filled(
            ["a": "10.${n}.0.0/16", "b": "${n+3000}", "c": ["dir://${root}", "${other}", "${n"], "d": 1])
        #expect(filled == ["a": "10.7.0.0/16", "b": 3007, "c": ["dir:///srv", "${other}", "${n"], "d": 1])
    }

    @Test("cases are chosen by patterns")
    func patterns() {
        var settings = ConformanceSettings()
        #expect(settings.includes("leak.cancel"))
        settings.cases = ["recovery.*", "leak.cancel"]
        #expect(settings.includes("recovery.core"))
        #expect(settings.includes("leak.cancel"))
        #expect(!settings.includes("leak.update"))
        #expect(!settings.includes("a.recovery.core"))
    }

    @Test("wrong data breaks one rule of the schema each")
    func wrongData() {
        let schema: JSONValue = [
            "type": "object", "required": ["size"], "additionalProperties": false,
            "properties": ["size": ["type": "integer", "minimum": 1, "maximum": 9], "kind": ["enum": ["a"]]],
        ]
        let wrong = Mutations.wrong(["size": 5], by: schema, isCompleted: false).map(\.data)
        let expected: [JSONValue] = [
            [], [:], ["size": 5, "no-such-member": 1], ["size": "x"], ["size": 0], ["size": 10],
            ["size": 5, "kind": "no such word"],
        ]
        #expect(wrong == expected)
        #expect(Mutations.wrong(["size": 5], by: schema, isCompleted: true).map(\.data).count == 5)
    }

    @Test("examples that are not right are refused, naming what is wrong")
    func badExamples() throws {
        let bad: [(JSONValue, String)] = [
            (["examples": []], "\"conformance\": 1"),
            (["conformance": 1, "examples": [["name": "a", "workloads": []]]], "no workloads"),
            (
                ["conformance": 1, "examples": [["name": "a", "workloads": [["name": "w"]], "x": 1]]],
                "unknown member 'x'"
            ),
            (
                [
                    "conformance": 1,
                    "examples": [
                        ["name": "a", "workloads": [["name": "w"]], "updates": [["workload": "v", "data": [:]]]]
                    ],
                ], "updates"
            ),
        ]
        for (document, text) in bad {
            let error = #expect(throws: ConformanceFailure.self) { _ = try ConformanceExample.list(document) }
            #expect(error?.description.contains(text) == true, "\(document.text): \(String(describing: error))")
        }
    }

    @Test("the report says the same as text, JSON and JUnit, whatever a plugin's messages contain")
    func reports() throws {
        let report = ConformanceReport(
            plugin: "org.example.a", version: "1.0.0",
            results: [
                ConformanceResult(
                    id: "a.b", promise: "p", outcome: .passed, duration: .milliseconds(250), notes: ["n"]),
                ConformanceResult(
                    id: "a.c", promise: "<q>", outcome: .failed("left: \"x\" & \u{1}\nmore"), duration: .seconds(2),
                    notes: []),
                ConformanceResult(id: "a.d", promise: "r", outcome: .notApplicable("no"), duration: .zero, notes: []),
            ])
        #expect(!report.hasPassed)
        #expect(report.summary == "org.example.a 1.0.0: 1 passed, 1 failed, 1 not applicable, 2.2 s")
        #expect(report.text.contains("FAIL  a.c  <q> (2.0 s)\n        left: \"x\" & \u{1}\n        more"))
        #expect(report.json["cases"]?[1]?["outcome"] == "failed")
        #expect(try JSONValue(parsing: report.json.text) == report.json)
        #expect(
            report.junit == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="org.example.a 1.0.0" tests="3" failures="1" skipped="1" time="2.2">
                  <testcase classname="org.example.a" name="a.b" time="0.2"/>
                  <testcase classname="org.example.a" name="a.c" time="2.0">
                    <failure message="&lt;q&gt;">left: &quot;x&quot; &amp; \u{fffd}&#10;more</failure>
                  </testcase>
                  <testcase classname="org.example.a" name="a.d" time="0.0">
                    <skipped message="no"/>
                  </testcase>
                </testsuite>

                """)
    }
}
