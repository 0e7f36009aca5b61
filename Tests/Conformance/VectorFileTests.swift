import TestVectors
import Testing
import VectorRunner

/// Every vector file of this checkout, through the code that `zos dev vectors` runs.
@Suite("Vector files")
struct VectorFileTests {
    /// How many checks each file makes without plugins, so that none is left out unseen.
    @Test(
        "every check of the file passes",
        arguments: [
            ("deployments.json", 2907), ("upgrades.json", 144), ("workload-ids.json", 95),
            ("raw-signatures.json", 54), ("network-light-legacy.json", 20), ("challenge-rules.json", 509),
            ("rmb-direct.json", 80), ("rmb-relay.json", 135),
        ])
    func file(name: String, checks: Int) async throws {
        let report = try await VectorRunner.run(try VectorFile.bytes(name))
        #expect(report.failures.isEmpty, "\(report.details.joined(separator: "\n"))")
        #expect(report.passed == checks)
    }

    @Test("the data of every capacity case decodes")
    func capacity() async throws {
        let report = try await VectorRunner.run(try VectorFile.bytes("capacity.json"))
        #expect(report.failures.isEmpty)
        #expect(report.notApplicableCount == 41)
    }

    @Test("every check of the two public suites passes", arguments: ["jcs-rfc8785", "json-schema-2020-12"])
    func suite(name: String) async throws {
        let folder = VectorFile.folder.appending(path: name).path(percentEncoded: false)
        for (path, report) in try await VectorRunner.run(path: folder) {
            #expect(report.failures.isEmpty, "\(path): \(report.details.joined(separator: "\n"))")
        }
    }
}
