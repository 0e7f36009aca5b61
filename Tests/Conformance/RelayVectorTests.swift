import JSON
import RMB
import TestVectors
import Testing

/// `Tests/Vectors/rmb-relay.json`: envelopes, tokens and keys of relays and their peers.
@Suite("RMB relay vectors")
struct RelayVectorTests {
    @Test("every case passes, none is left out")
    func cases() async throws {
        let file = try VectorFile.load("rmb-relay.json")
        let vectors = RelayVectors(file: file)
        let cases = try #require(file["cases"]?.arrayValue)
        #expect(cases.count == 135)
        for vector in cases {
            let verdict = await vectors.run(vector)
            #expect(verdict == .passed, "\(vector["name"]?.stringValue ?? "a case without name")")
        }
    }
}
