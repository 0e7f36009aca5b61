import JSON
import RMB
import TestVectors
import Testing

/// `Tests/Vectors/rmb-direct.json`: messages of the generation 1 bus.
@Suite("RMB direct vectors")
struct RMBVectorTests {
    @Test("every case passes, or is refused on purpose")
    func cases() async throws {
        let file = try VectorFile.load("rmb-direct.json")
        let vectors = RMBVectors(file: file)
        let cases = try #require(file["cases"]?.arrayValue)
        #expect(cases.count == 83)
        var refused: [String] = []
        for vector in cases {
            let name = vector["name"]?.stringValue ?? ""
            switch await vectors.run(vector) {
            case .passed: break
            case .failed(let why): Issue.record("\(name): \(why)")
            case .notApplicable: refused.append(name)
            }
        }
        #expect(
            refused == [
                "sr_trailing_bytes_accepted_upstream", "epoch_year_future", "http_remote_invalid_envelope_accepted",
            ])
    }
}
