import Contracts
import Deployments
import JSON
import Signatures
import TestNode
import Testing

extension BadInput {
    @Suite("Deployments", .serialized)
    struct Deployments {
        let stage: Stage
        var user: NodeUser { stage.user }
        let echo: JSONValue = ["name": "a", "type": "echo", "data": ["text": "x"]]

        init() throws { stage = try OnStage.stage() }

        /// A deployment that would be accepted.
        private func good() async throws -> Deployment { try await user.contracted(plain()) }

        /// Unsigned. Each has another text: a ledger takes a hash once.
        private func plain() throws -> Deployment {
            try user.deployment([
                ["name": "a", "type": "echo", "data": ["text": .string("x\(UInt64.random(in: 0...UInt64.max))")]]
            ])
        }

        @Test("malformed JSON", arguments: ["", "{", "nonsense", #"{"version":}"#, #"{"a":1}{"#])
        func malformed(_ text: String) async throws {
            let refusal = try await stage.refusal(text)
            #expect(refusal.contains("the JSON text cannot be read"), "\(refusal)")
        }

        @Test("nesting without end, in the envelope and in data")
        func nesting() async throws {
            let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
            let text = try user.deployment([echo]).json
            for bad in [deep, text.replacing(#"{"text":"x"}"#, with: deep)] {
                let refusal = try await stage.refusal(bad)
                #expect(refusal.contains("nested"), "\(refusal)")
            }
        }

        @Test("an unknown type")
        func unknownType() async throws {
            let refusal = try await stage.refusal(of: ["name": "a", "type": "gnome", "data": [:]])
            #expect(refusal.contains("gnome"), "\(refusal)")
        }

        @Test("two workloads of one name")
        func duplicateNames() async throws {
            let refusal = try await stage.refusal(of: echo, echo)
            #expect(refusal.contains("'a'") || refusal.contains("name"), "\(refusal)")
        }

        @Test("no data")
        func nullData() async throws {
            let text = try user.deployment([echo]).json.replacing(#"{"text":"x"}"#, with: "null")
            let refusal = try await stage.refusal(text)
            #expect(refusal == "failed to load data of workload 'a' of type 'echo': data: is missing")
        }

        @Test(
            "numbers out of range",
            arguments: [
                (#""version":0"#, #""version":4294967296"#), (#""version":0"#, #""version":-1"#),
                (#""twin_id":3"#, #""twin_id":1e400"#), (#""expiration":0"#, #""expiration":9223372036854775808"#),
                (#""weight":1"#, #""weight":18446744073709551616"#),
            ])
        func numbers(_ part: String, _ bad: String) async throws {
            let text = try await good().json.replacing(part, with: bad)
            let refusal = try await stage.refusal(text)
            let member = bad.split(separator: "\"").first.map(String.init) ?? ""
            #expect(refusal.contains(member), "\(refusal)")
        }

        @Test("sizes out of range", arguments: ["-1", "18446744073709551616", "1e400", "1.5", #""1""#])
        func sizes(_ size: String) async throws {
            let disk = try user.deployment([["name": "d", "type": "zmount", "data": ["size": 4096]]])
            let refusal = try await stage.refusal(disk.json.replacing(#""size":4096"#, with: #""size":\#(size)"#))
            #expect(refusal.contains("size"), "\(refusal)")
        }

        @Test("a hash other than the contract's")
        func wrongHash() async throws {
            var deployment = try await good()
            deployment.metadata = "changed"
            try user.sign(&deployment)
            #expect(try await stage.refusal(deployment.json) == "contract hash does not match deployment hash")
        }

        @Test("a contract for another node")
        func wrongNode() async throws {
            let registration = NodeRegistration(
                farm: 1, resources: Resources(sru: 100 << 30, cru: 1, mru: 2 << 30), isVirtualized: true)
            let receipt = try await user.ledger.submit(.createNode(node: registration), by: user.key)
            let other = try #require(receipt.node?.id)
            var deployment = try plain()
            deployment.contract = try await user.contract(hash: deployment.challenge().hex, node: other)
            try user.sign(&deployment)
            #expect(try await stage.refusal(deployment.json) == "invalid node address in contract")
        }

        @Test("somebody else's contract, and a deployment in somebody else's name")
        func foreignContract() async throws {
            let farmer = try stage.node.user("farmer")
            var deployment = try plain()
            deployment.contract = try await farmer.contract(hash: deployment.challenge().hex)
            try user.sign(&deployment)
            #expect(
                try await stage.refusal(deployment.json) == "twin id mismatch (deployment: 3, contract: 1)")
            let theirs = try await farmer.contracted(farmer.deployment([echo]))
            #expect(try await stage.refusal(theirs.json) == "twin id mismatch (deployment: 1, message: 3)")
        }

        @Test("a cancelled contract")
        func cancelledContract() async throws {
            let deployment = try await good()
            try await user.builder.cancel(contract: deployment.contract)
            let refusal = try await stage.refusal(deployment.json)
            #expect(refusal.contains("contract \(deployment.contract)"), "\(refusal)")
        }

        @Test("without the signature that is required")
        func unsigned() async throws {
            var deployment = try await good()
            deployment.signatureRequirement.signatures = []
            let refusal = try await stage.refusal(deployment.json)
            #expect(refusal.contains("signature"), "\(refusal)")
        }

        @Test("signed by somebody else, over something else, with more bytes than a signature has")
        func forged() async throws {
            let deployment = try await good()
            let hash = try deployment.challenge().hash
            var foreign = deployment
            foreign.signatureRequirement.signatures = []
            foreign.signatureRequirement.sign(hash: hash, as: user.twin, with: try stage.node.user("farmer").key)
            var moved = deployment
            moved.signatureRequirement.signatures = []
            moved.signatureRequirement.sign(hash: hash.reversed(), as: user.twin, with: user.key)
            var overlong = deployment
            overlong.signatureRequirement.signatures[0].signature += "00"
            for bad in [foreign, moved, overlong] {
                let refusal = try await stage.refusal(bad.json)
                #expect(refusal.contains("signature"), "\(refusal)")
            }
        }

        @Test("a deployment of a contract that has one, an update of one that has none, an update that skips a version")
        func versions() async throws {
            let current = try await user.client.deployment(contract: stage.contract)
            #expect(try await stage.refusal(current.json) == "exists")
            let none = try await good()
            let missing = try await user.refusal(none.json, command: "zos.deployment.update")
            #expect(missing == "deployment not found: deployment does not exist")
            var skipping = current
            skipping.version = 2
            for index in skipping.workloads.indices { skipping.workloads[index].version = 2 }
            try user.sign(&skipping)
            let skipped = try await user.refusal(skipping.json, command: "zos.deployment.update")
            #expect(skipped.contains("version"), "\(skipped)")
            try await stage.checkUntouched()
        }

        @Test("an answer about somebody else's deployment")
        func foreignReading() async throws {
            let farmer = try stage.node.user("farmer")
            for command in ["get", "changes"] {
                let query = Array(#"{"contract_id":\#(stage.contract)}"#.utf8)
                let answer = try await farmer.ask("zos.deployment.\(command)", query)
                #expect(answer.error == "deployment not found")
            }
            try await stage.checkUntouched()
        }
    }
}
