import Deployments
import JSON
import Signatures
import Testing

@Suite("Challenges")
struct ChallengeTests {
    private func deployment(_ workloads: [Workload]) -> Deployment {
        Deployment(
            twin: 7, contract: 12,
            signatureRequirement: SignatureRequirement(requests: [SignatureRequest(twin: 7)], weightRequired: 1),
            workloads: workloads)
    }

    private func workload(_ name: String, _ type: String, _ data: String, metadata: String = "") throws -> Workload {
        Workload(name: name, type: type, data: try RawJSON(parsing: Array(data.utf8)), metadata: metadata)
    }

    @Test("the examples of docs/spec/challenge-rules.md section 4.1 hold")
    func canonicalExamples() throws {
        let examples = [
            (#"{"text":"hi"}"#, "22ecda6d1ece53b03e42db5e111b70c9"),
            (#"{ "b" : [1, 2] , "a" : { "y" : null, "x" : true } }"#, "ac0fcd38ce561d2842ee72fa5404f793"),
            (#"{"n":[1.0,-0,1E3,0.1,1e21]}"#, "6552f09dd197ddbc21de6a872b313b7f"),
            (#"{"t":"\u00e9\u2028</\u000A\uD83D\uDE00"}"#, "32bb84281324361bb4d975892a446695"),
            (#"{"bytes":"18446744073709551615"}"#, "5d21e9e9ccf1b5db239822180e3a1685"),
        ]
        for (data, expected) in examples {
            let challenge = try deployment([workload("w", "hello", data)]).challenge()
            #expect(challenge.form == .canonical)
            #expect(challenge.hex == expected)
            #expect(challenge.preimage.count == 76)
        }
        let mixed = try deployment([
            workload("d", "zmount", #"{"Size":5}"#, metadata: "m"), workload("w", "hello", #"{"text":"hi"}"#),
        ])
        #expect(try mixed.challenge().hex == "3036dd24b7be8ef5295b7de6f2d15229")
    }

    @Test("wallets sign the wrapped hexadecimal text, everybody else the hash")
    func messages() throws {
        let challenge = try deployment([workload("d", "zmount", #"{"size":5}"#)]).challenge()
        #expect(challenge.message(style: "anything") == challenge.hash)
        #expect(challenge.message(style: "polka-wallet") == Array("<Bytes>\(challenge.hex)</Bytes>".utf8))
    }

    @Test("the first fault in list order is the answer, and messages never repeat a value")
    func structure() async throws {
        func error(_ deployment: Deployment) -> DeploymentError? {
            do throws(DeploymentError) {
                _ = try deployment.checkedStructure { HistoricTypes.contains($0) }
                return nil
            } catch {
                return error
            }
        }
        var high = try workload("a", "zmount", #"{"size":5}"#)
        high.version = 1
        #expect(
            error(deployment([high]))?.message
                == "workload 'a' version '1' cannot be higher than deployment version '0'")
        #expect(
            try error(deployment([workload("a-b", "zmount", "{}")]))?.message
                == "name 'a-b' is invalid: unsupported character in workload name")
        #expect(
            try error(deployment([workload("a", "zmount", "{}"), workload("a", "zmount", "{}")]))?.message
                == "multiple workloads with the same name 'a'")
        #expect(try error(deployment([workload("a", "hello", "{}")]))?.message == "invalid reservation type 'hello'")
        let secret = try error(deployment([workload("a", "zdb", #"{"password":7777}"#)]))
        #expect(secret?.code == .dataDecode)
        #expect(secret?.message.contains("data.password") == true)
        #expect(secret?.message.contains("7777") == false)
        #expect(error(deployment([Workload(name: "a", type: "zmount", data: nil)]))?.code == .dataDecode)
    }

    @Test("data beyond the bounds is refused before it costs memory")
    func bounds() throws {
        let deep = #"{"z":"# + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"
        let long = #"{"z":""# + String(repeating: "x", count: 1 << 20) + #""}"#
        for data in [deep, long] {
            for rule in [ChallengeRule.canonical, try #require(HistoricTypes.rule(for: "zdb"))] {
                #expect {
                    try rule.evaluate(Array(data.utf8))
                } throws: {
                    ($0 as? DeploymentError)?.code == .dataLimit
                }
            }
        }
        let fields = (0..<255).map { #"{"name":"f\#($0)","is":"text"}"# }.joined(separator: ",")
        let rule = try ChallengeRule(
            parsing: Array(
                #"{"rule":"fields-1","fields":[{"name":"l","is":"list","of":{"is":"record","fields":[\#(fields)]}}]}"#
                    .utf8))
        let wide = #"{"l":["# + String(repeating: "{},", count: 300_000) + "{}]}"
        #expect {
            try rule.evaluate(Array(wide.utf8))
        } throws: {
            ($0 as? DeploymentError)?.code == .dataLimit
        }
    }

    @Test("secrets in data reach no description")
    func secretsAreNotPrinted() throws {
        let deployment = try deployment([workload("d", "zdb", #"{"password":"hidden-word"}"#)])
        let evaluated = try deployment.workloads[0].evaluated()
        for text in ["\(deployment)", "\(try deployment.challenge())", "\(evaluated)", "\(deployment.workloads[0])"] {
            #expect(!text.contains("hidden-word"), "\(text)")
        }
    }
}
