import TestVectors
import Testing
import VectorRunner

/// `Tests/Vectors/tfchain.json` with the chain's metadata beside it, through the code that `zos dev vectors` runs.
@Suite("Chain vectors")
struct ChainVectorTests {
    @Test("every check of the file passes, and none is left out")
    func file() async throws {
        let path = VectorFile.folder.appending(path: "tfchain.json").path(percentEncoded: false)
        let reports = try await VectorRunner.run(path: path)
        let report = try #require(reports.first?.report)
        #expect(report.format == .tfchain)
        #expect(report.failures.isEmpty, "\(report.details.joined(separator: "\n"))")
        #expect(report.notApplicableCount == 0)
        #expect(report.passed == 1250)
    }

    @Test("without the metadata beside it, the one that the program carries is used")
    func withoutMetadata() async throws {
        let report = try await VectorRunner.run(try VectorFile.bytes("tfchain.json"))
        #expect(report.failures.isEmpty)
        #expect(report.passed == 1250)
    }
}
