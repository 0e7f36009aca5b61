import Deployments
import JSON
import Signatures
import Testing

@Suite("Decoding deployments")
struct DeploymentDecodingTests {
    private static let workload =
        #"{"version":0,"name":"d","type":"zmount","data":{"size":5},"result":{"state":"ok","data":{"k":1}}}"#

    private func decode(_ text: String, _ policy: DecodingPolicy = .received) throws -> Deployment {
        try Deployment(parsing: Array(text.utf8), policy: policy)
    }

    private func code(_ text: String, _ policy: DecodingPolicy = .received) -> DeploymentError.Code? {
        do throws(DeploymentError) {
            _ = try Deployment(parsing: Array(text.utf8), policy: policy)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("results that a client sends are dropped")
    func forgedResultsAreDropped() throws {
        let text = #"{"workloads":[\#(Self.workload)]}"#
        #expect(try decode(text).workloads[0].result == .none)
        #expect(try decode(text, .answered).workloads[0].result.state == .ok)
        #expect(code(#"{"workloads":[{"result":{"created":"x"}}]}"#) == .json)
    }

    @Test("a node refuses repeated members, in whatever letter case")
    func repeatedMembersAreRefused() throws {
        let repeated = #"{"version":1,"Version":2}"#
        #expect(code(repeated) == .json)
        #expect(try decode(repeated, .reference).version == 2)
        #expect(try decode(#"{"version":2,"version":null}"#, .reference).version == 2)
        for list in [#"{"workloads":[],"workloads":[]}"#, #"{"signature_requirement":{},"signature_requirement":{}}"#] {
            #expect(code(list, .reference) == .json)
        }
        let data = #"{"workloads":[{"name":"d","type":"zmount","data":{"size":1,"SIZE":2}}]}"#
        #expect(throws: DeploymentError.self) { try decode(data).challenge() }
        #expect(try decode(data).challenge(repeats: .lastCounts).form == .historic)
    }

    @Test("numbers have to be plain and in range")
    func numbers() throws {
        for text in [
            #"{"version":-0}"#, #"{"version":1.0}"#, #"{"version":1e0}"#, #"{"version":"1"}"#,
            #"{"version":4294967296}"#, #"{"contract_id":18446744073709551616}"#,
            #"{"expiration":9223372036854775808}"#, #"{"version":true}"#, "[]", "1", #"{"workloads":[[]]}"#,
        ] {
            #expect(code(text) == .json, "\(text)")
        }
        #expect(try decode(#"{"contract_id":18446744073709551615}"#).contract == .max)
        #expect(try decode(#"{"expiration":-9223372036854775808}"#).expiration == .min)
    }

    @Test(
        "times may be written as RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2021-09-21T15:05:42+02:00", 1_632_229_542),
            ("1969-12-31T23:59:58.25Z", -2), ("2000-02-29T12:00:00-00:30", 951_827_400),
            ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func times(text: String, seconds: Int64) throws {
        #expect(try decode(#"{"expiration":"\#(text)"}"#).expiration == seconds)
    }

    @Test(
        "other text is no time",
        arguments: [
            "", "tomorrow", "2021-09-21", "2021-09-21T15:05:42", "2021-09-21 15:05:42Z", "2021-02-29T00:00:00Z",
            "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z", "2021-09-21T24:00:00Z", "2021-09-21T15:60:00Z",
            "2021-09-21T15:05:60Z", "2021-09-21T15:05:42.Z", "2021-09-21T15:05:42+2:00", "2021-09-21T15:05:42Zx",
            "21-09-21T15:05:42Z", "2021-09-21t15:05:42z", "2021-09-21T15:05:42+24:00",
        ])
    func noTimes(text: String) {
        #expect(code(#"{"expiration":"\#(text)"}"#) == .json)
    }

    @Test("absurd counts, lengths and nesting are refused")
    func limits() {
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(code(#"{"x":\#(deep)}"#) == .limit)
        let many = String(repeating: "{},", count: 1024) + "{}"
        #expect(code(#"{"workloads":[\#(many)]}"#) == .limit)
        #expect(code(#"{"metadata":"\#(String(repeating: "x", count: (1 << 20) + 1))"}"#) == .limit)
        #expect(code(#"{"workloads":[{"name":"\#(String(repeating: "x", count: 4097))"}]}"#) == .limit)
        #expect(code(#"{"x":"\#(String(repeating: "x", count: 8 << 20))"}"#) == .limit)
    }

    @Test("unset lists are written null, empty ones as lists, and data as it was received")
    func writtenBack() throws {
        let text =
            #"{"workloads":[{"data":{ "b":1.50,"a":"\u0041<\/" },"result":null}],"signature_requirement":{"requests":[]}}"#
        #expect(
            try decode(text).json
                == #"{"version":0,"twin_id":0,"contract_id":0,"metadata":"","description":"","expiration":0,"#
                + #""signature_requirement":{"requests":[],"weight_required":0,"signatures":null,"signature_style":""},"#
                + #""workloads":[{"version":0,"name":"","type":"","data":{"b":1.50,"a":"\u0041\u003c\/"},"metadata":"","#
                + #""description":"","result":{"created":0,"state":"","message":"","data":null}}]}"#)
    }
}
