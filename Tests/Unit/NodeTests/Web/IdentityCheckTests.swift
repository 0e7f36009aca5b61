import Contracts
import Logging
import Provisioning
import Signatures
import Testing

@testable import Node

@Suite("Identity check of users")
struct IdentityCheckTests {
    private func check(
        _ answers: [ScriptedWebServer.Answer], limit: Duration = .seconds(30)
    ) async throws -> (refusal: Refusal?, requests: [String]) {
        let server = try ScriptedWebServer(answers)
        defer { server.stop() }
        let check = IdentityCheck(
            service: server.url + "/", limit: limit, pauses: [],
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        do throws(Refusal) {
            try await check.check(42)
            return (nil, server.requests)
        } catch {
            return (error, server.requests)
        }
    }

    @Test("a verified user passes, asked for by twin")
    func verified() async throws {
        let outcome = try await check([.status(200, #"{"result": {"status": "VERIFIED"}}"#)])
        #expect(outcome.refusal == nil)
        #expect(outcome.requests.count == 1)
        #expect(outcome.requests.first?.hasPrefix("GET /api/v1/status?twin_id=42 HTTP/1.1\r\n") == true)
    }

    @Test("any other status is a no, at once, with the grid's text", arguments: ["PENDING", "FAILED", "verified", ""])
    func unverified(status: String) async throws {
        let outcome = try await check([.status(200, #"{"result": {"status": "\#(status)"}}"#)])
        #expect(outcome.refusal?.code == .unverified)
        #expect(outcome.refusal?.message == "user with twin id 42 is not verified")
        #expect(outcome.requests.count == 1)
    }

    @Test("a service that gives no status is asked five times, and that is no verdict")
    func unavailable() async throws {
        let answers: [ScriptedWebServer.Answer] = [
            .status(500, "oops"), .hangUp, .status(200, "no JSON"), .status(200, #"{"result": {}}"#),
            .status(302, #"{"result": {"status": "VERIFIED"}}"#),
        ]
        let outcome = try await check(answers)
        #expect(outcome.refusal?.code == .unavailable)
        #expect(outcome.refusal?.message == "failed to get twin verification status")
        #expect(outcome.requests.count == 5)
    }

    @Test("a service that comes back is believed")
    func recovered() async throws {
        let outcome = try await check([.status(503, ""), .status(200, #"{"result": {"status": "VERIFIED"}}"#)])
        #expect(outcome.refusal == nil)
        #expect(outcome.requests.count == 2)
    }

    @Test("a silent service is not waited for longer than its limit, and an endless answer is not read")
    func limits() async throws {
        let long = String(repeating: " ", count: 100 << 10)
        let outcome = try await check([.silence, .status(200, long)], limit: .milliseconds(100))
        #expect(outcome.refusal?.code == .unavailable)

    }

    @Test("an account is activated by the first service that takes the request")
    func activation() async throws {
        let (first, second) = (try ScriptedWebServer([.status(500, "")]), try ScriptedWebServer([.status(409, "")]))
        defer {
            first.stop()
            second.stop()
        }
        let account = AccountID(KeyPair.generate(scheme: .ed25519).publicKey)
        try await ActivationService(urls: [first.url, second.url, "http://127.0.0.1:1"]).activate(account)
        let request = try #require(second.requests.first)
        #expect(request.hasPrefix("POST / HTTP/1.1\r\n"))
        #expect(request.hasSuffix(#"{"substrateAccountID":"\#(account.address)"}"#))
        await #expect(throws: WebFailure.self) {
            try await ActivationService(urls: [first.url]).activate(account)
        }
        await #expect(throws: WebFailure.self) {
            try await ActivationService(urls: ["file:///etc/passwd"]).activate(account)
        }
    }
}
