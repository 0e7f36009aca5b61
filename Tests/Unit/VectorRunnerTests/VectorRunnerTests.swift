import Deployments
import JSON
import TestVectors
import Testing
import VectorRunner

@Suite("Running vector files")
struct VectorRunnerTests {
    /// Judges every type: sizes must not be 0, and everything takes one core.
    private struct OneRule: TypeRules {
        func knows(_ type: String) -> Bool { true }

        func refusal(of subject: TypeRuleSubject) async throws(DeploymentError) -> String? {
            subject.data[subject.index]?["size"]?.uint64Value == 0 ? "invalid size" : nil
        }

        func capacity(of type: String, data: JSONValue) async throws(DeploymentError) -> JSONValue? { ["cru": 1] }
    }

    private func run(_ text: String, plugins: (any TypeRules)? = nil) async throws -> VectorReport {
        try await VectorRunner.run(Array(text.utf8), plugins: plugins)
    }

    @Test("formats are told apart by content, not by name")
    func formats() async throws {
        let expected: [(String, VectorFormat)] = [
            ("deployments", .deployments), ("upgrades", .upgrades), ("capacity", .capacity),
            ("workload-ids", .workloadIDs), ("raw-signatures", .rawSignatures), ("challenge-rules", .challengeRules),
            ("network-light-legacy", .formerHashes), ("rmb-direct", .rmbDirect),
            ("json-schema-2020-12/minimum", .jsonSchema),
        ]
        for (name, format) in expected {
            let report = try await VectorRunner.run(try VectorFile.bytes("\(name).json"))
            #expect(report.format == format)
        }
        #expect(try await run(#"{"whatever":[]}"#).format == .other)
        await #expect(throws: VectorError.self) { try await run("no JSON") }
    }

    @Test("an outcome other than the file's is a failure")
    func failures() async throws {
        let file = #"{"names":[{"name":"a b","valid":true}],"networks":[{"twin_id":1,"name":"x","network_id":"y"}]}"#
        let report = try await run(file)
        #expect(report.failures.map(\.check) == ["validity", "network id"])
        #expect(report.summary == "0 passed, 2 failed, 0 not applicable")
    }

    @Test("rules of plugins are asked where there are some, and reasons are given where there are none")
    func plugins() async throws {
        let file = #"{"cases":[{"id":"c","type":"zmount","data_json":"{\"size\":1}","capacity":{"cru":1,"sru":0}}]}"#
        let without = try await run(file)
        #expect(without.notApplicable.map(\.reason) == ["no plugin for type zmount"])
        #expect(without.passed == 0)
        let with = try await run(file, plugins: OneRule())
        #expect(with.passed == 2)
        #expect(with.notApplicable.isEmpty)
    }

    @Test("an invalid size is found by the plugin's rule only")
    func ownRules() async throws {
        let deployment = #"{\"workloads\":[{\"name\":\"d\",\"type\":\"zmount\",\"data\":{\"size\":0}}]}"#
        let verdict = #"{"ok":false,"class":"data-invalid"}"#
        let file =
            #"{"cases":[{"id":"c","deployment_json":"\#(deployment)","decode":{"ok":true},"valid":\#(verdict)}]}"#
        #expect(try await run(file).notApplicable.map(\.kind) == ["validity"])
        let judged = try await run(file, plugins: OneRule())
        #expect(judged.notApplicable.isEmpty)
        #expect(!judged.failures.contains { $0.check.utf8.elementsEqual("validity".utf8) })
    }

    @Test("a folder with input and output is an RFC 8785 suite, and so is a file in it")
    func canonicalSuite() async throws {
        let folder = VectorFile.folder.appending(path: "jcs-rfc8785").path(percentEncoded: false)
        let reports = try await VectorRunner.run(path: folder)
        #expect(reports.count == 6)
        #expect(reports.allSatisfy { $0.report.passed == 3 && $0.report.failed == 0 })
        let one = try await VectorRunner.run(path: folder + "/output/values.json")
        #expect(one.first?.report.format == .canonicalJSON)
        #expect(one.first?.report.passed == 3)
    }
}
