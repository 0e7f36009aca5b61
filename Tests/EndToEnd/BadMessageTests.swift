import JSON
import RMB
import TestNode
import Testing

extension BadInput {
    @Suite("Messages", .serialized)
    struct Messages {
        let stage: Stage
        let good: RMBMessage

        init() throws {
            stage = try OnStage.stage()
            good = stage.user.message("zos.system.version", Array("null".utf8))
        }

        private func refused(_ message: RMBMessage, offset: Int64 = 0) async throws -> HTTPAnswer {
            let answer = try await stage.user.post(stage.user.signed(message, offset: offset))
            try await stage.checkUntouched()
            return answer
        }

        @Test("what is no JSON", arguments: ["", "{", "[1", "nonsense", "\u{0}", #"{"ver":"one"}"#, "[]"])
        func malformed(_ text: String) async throws {
            for path in ["/zbus-cmd", "/zbus-remote", "/zbus-reply"] {
                let answer = try await stage.user.post(Array(text.utf8), path: path)
                #expect(answer.status == 400)
                #expect(answer.refusal == "couldn't parse json")
            }
            try await stage.checkUntouched()
        }

        @Test("nesting without end")
        func nesting() async throws {
            let deep = String(repeating: "[", count: 200_000)
            for body in [deep, #"{"dat":"# + deep] {
                let answer = try await stage.user.post(Array(body.utf8))
                #expect(answer.status == 400)
                #expect(answer.refusal == "couldn't parse json")
            }
            try await stage.checkUntouched()
        }

        @Test("a body over the limit")
        func tooLong() async throws {
            let answer = try await stage.user.post([UInt8](repeating: 0x20, count: RMBMessage.sizeLimit + 1))
            #expect(answer.status == 413)
            #expect(answer.refusal == "message is larger than 1048576 bytes")
            try await stage.checkUntouched()
        }

        @Test("without signature")
        func unsigned() async throws {
            var message = stage.user.signed(good)
            message.signature = ""
            let answer = try await stage.user.post(message)
            #expect(answer.status == 400)
            #expect(answer.refusal.hasPrefix("signature field is empty"))
            try await stage.checkUntouched()
        }

        @Test("signed by somebody else, for another command, or with more bytes than a signature has")
        func forged() async throws {
            let farmer = try stage.node.user("farmer")
            let foreign = farmer.signed(good)
            var changed = stage.user.signed(good)
            changed.command = "zos.statistics.get"
            var overlong = stage.user.signed(good)
            overlong.signature += "00"
            var cut = stage.user.signed(good)
            cut.signature.removeLast(2)
            for message in [foreign, changed, overlong, cut] {
                let answer = try await stage.user.post(message)
                #expect(answer.status == 400)
                #expect(answer.refusal == "couldn't verify signature")
            }
            try await stage.checkUntouched()
        }

        @Test("from a twin that the ledger does not know")
        func unknownTwin() async throws {
            var message = good
            message.source = 4_000_000
            let answer = try await refused(message)
            #expect(answer.refusal == "source twin 4000000 not found")
        }

        private func queue(_ message: RMBMessage) async throws -> String {
            let answer = try await stage.user.post(message)
            #expect(answer.status == 200)
            return try #require(try JSONValue(parsing: answer.body)["retqueue"]?.stringValue)
        }

        @Test(
            "sent twice: at once it names the first answer's queue; after a SIGKILL of the node it names an empty one")
        func replayed() async throws {
            let message = stage.user.signed(good)
            let first = try await queue(message)
            #expect(try await queue(message) == first)
            try await stage.node.kill()
            try await stage.node.up()
            let second = try await queue(message)
            #expect(second != first)
            // Served later than the repeated one would be.
            _ = try await stage.user.client.version()
            let answers = try await stage.user.post(Array(#"{"retqueue":"\#(second)"}"#.utf8), path: "/zbus-result")
            #expect(answers.body == "[]\n")
            for plugin in ["network", "zmachine", "zmount", "publicip", "echo"] {
                try await stage.node.waitForPlugin("org.zos.\(plugin)", "ready")
            }
            try await stage.checkUntouched()
        }

        @Test("expired")
        func expired() async throws {
            let answer = try await refused(good, offset: -120)
            #expect(answer.refusal.hasPrefix("message is too old, sent since 2m0."), "\(answer)")
        }

        @Test("from the future")
        func early() async throws {
            let answer = try await refused(good, offset: 120)
            #expect(answer.refusal.hasPrefix("message is from the future"), "\(answer)")
        }

        @Test("for another twin, for two, for none")
        func destination() async throws {
            for destinations in [[1], [2, 1]] as [[Int64]] {
                var message = good
                message.destinations = destinations
                #expect(try await refused(message).refusal == "the message must be for twin 2 and no other")
            }
            var message = good
            message.destinations = []
            #expect(try await refused(message).refusal == "missing twin destination")
        }

        @Test("for a command that does not exist")
        func unknownCommand() async throws {
            for command in ["zos.deployment.destroy", "system.local", "zos..get", "../zos"] {
                var message = good
                message.command = command
                #expect(try await refused(message).refusal == "function is not found")
            }
        }
    }
}
