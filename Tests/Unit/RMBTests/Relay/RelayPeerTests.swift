import JSON
import Signatures
import Synchronization
import Testing
import WebSockets

@testable import RMB

/// Peers that talk to each other through a real WebSocket relay.
@Suite("Relay peer")
struct RelayPeerTests {
    private let twins = TestTwins()

    @Test(
        "a call is answered, encrypted both ways when both twins have keys", arguments: [KeyScheme.ed25519, .sr25519])
    func call(scheme: KeyScheme) async throws {
        let (node, user) = (try twins.make(2), try twins.make(7, scheme: scheme))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address]) { node in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    let answer = try await user.caller.call("echo.say", at: 2, payload: ["a": 1])
                    #expect(answer["a"] == 1)
                    #expect(node.calls.all == [#"7:{"a":1}"#])
                    let passed = relay.passed
                    #expect(passed.count == 2)
                    for envelope in passed {
                        guard case .cipher = envelope.payload else {
                            Issue.record("in plain: \(envelope)")
                            continue
                        }
                        #expect(envelope.schema == RelayEnvelope.jsonSchema)
                        #expect(envelope.relays == ["relay.example.test"])
                        #expect(envelope.federation == "relay.example.test")
                    }
                    #expect(passed.first?.uid == passed.last?.uid)
                }
            }
        }
    }

    @Test("payloads to a twin without key, and of one that does not encrypt, are plain")
    func plain() async throws {
        let (node, user) = (try twins.make(2, isEncrypted: false), try twins.make(7))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address], isEncrypting: false) { _ in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    let result1 = try await user.caller.call("echo.say", at: 2, payload: "x")
                    #expect(result1 == "x")
                    #expect(relay.passed.allSatisfy { $0.payload == .plain(Array("\"x\"".utf8)) })
                }
            }
        }
    }

    @Test("a user whose key is not on the ledger, or is another there, sends in plain, so that nodes can read it")
    func unpublished() async throws {
        let node = try twins.make(2)
        for key in [nil, node.encryption.publicKey] {
            let user = try twins.make(7)
            twins.state.withLock { $0.records[7]?.encryptionKey = key }
            try await TestRelay.run { relay in
                try await TestPeer.run(node, twins, at: [relay.address]) { _ in
                    try await TestPeer.run(user, twins, at: [relay.address]) { user in
                        guard key == nil else {
                            // The request was read; what the node encrypts for another key cannot be opened.
                            let call = Task { await user.failure("echo.say") }
                            try await eventually { user.peer.figures.values.refused[.encryption] == 1 }
                            call.cancel()
                            #expect(await call.value?.code == .cancelled)
                            #expect(relay.passed.first?.payload == .plain(Array("null".utf8)))
                            return
                        }
                        let answer = try await user.caller.call("echo.say", at: 2, payload: "x")
                        #expect(answer == "x")
                        #expect(relay.passed.allSatisfy { $0.payload == .plain(Array("\"x\"".utf8)) })
                    }
                }
            }
        }
    }

    @Test("a failed call answers with its text and code 0, an unknown command as the grid's nodes do")
    func failures() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address]) { _ in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    for (command, text) in [("echo.fail", "it failed"), ("echo.none", "function is not found")] {
                        let error = try #require(await user.failure(command))
                        #expect(error.code == .remote && error.message == text)
                        guard case .error(0, text) = relay.passed.last?.message else {
                            Issue.record("answered \(String(describing: relay.passed.last))")
                            continue
                        }
                    }
                }
            }
        }
    }

    @Test("two sessions of one twin get their own answers")
    func sessions() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address]) { _ in
                try await TestPeer.run(user, twins, at: [relay.address]) {
                    $0.session = try SessionName("one")
                } _: { one in
                    try await TestPeer.run(user, twins, at: [relay.address]) {
                        $0.session = try SessionName("two")
                    } _: { two in
                        async let first = one.caller.call("echo.say", at: 2, payload: 1)
                        async let second = two.caller.call("echo.say", at: 2, payload: 2)
                        let result2 = try await first
                        #expect(result2 == 1)
                        let result3 = try await second
                        #expect(result3 == 2)
                    }
                }
            }
        }
    }

    @Test("hole 14: the whole query is a token that lives 60 seconds and is made anew for each connection")
    func token() async throws {
        let user = try twins.make(7)
        try await TestRelay.run { relay in
            for count in 1...2 {
                try await TestPeer.run(user, twins, at: [relay.address]) {
                    $0.session = try SessionName("s")
                } _: { _ in
                    let token = try #require(relay.tokens.last)
                    #expect(relay.tokens.count == count)
                    #expect(token.expires - token.issued == 60)
                    #expect(token.address == RelayAddress(twin: 7, session: "s"))
                    try token.verify(by: user.key.publicKey, at: UnixTime.now())
                }
            }
        }
    }

    @Test("a relay that is lost while a request runs is left out: the answer comes by the other, the work is done once")
    func failover() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { staying in
            let port = Mutex(0)
            let lost = Task {
                try await TestRelay.run { relay in
                    port.withLock { $0 = relay.address.port }
                    try await Task.sleep(for: .seconds(3600))
                }
            }
            defer { lost.cancel() }
            try await eventually { port.withLock { $0 } != 0 }
            let both = [WebSocketAddress(host: "127.0.0.1", port: port.withLock { $0 }), staying.address]
            try await TestPeer.run(node, twins, at: both) { node in
                try await TestPeer.run(user, twins, at: both) { user in
                    async let answer = user.caller.call("echo.wait", at: 2, timeout: .seconds(120))
                    async let other = user.caller.call("echo.wait", at: 2, timeout: .seconds(120))
                    try await eventually { node.calls.all.count == 2 }
                    lost.cancel()
                    try await eventually { user.peer.figures.values.connected == 1 }
                    node.gate.open()
                    let result4 = try await answer
                    #expect(result4 == "waited")
                    let result5 = try await other
                    #expect(result5 == "waited")
                    #expect(node.calls.all == ["7:waits", "7:waits"])
                }
            }
        }
    }

    @Test("a request whose answer was lost with a relay is answered again and not done again")
    func lostAnswer() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { relay in
            relay.rule { if case .response = $0.message { .drop } else { .deliver } }
            try await TestPeer.run(node, twins, at: [relay.address]) { node in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    async let answer = user.caller.call("echo.say", at: 2, payload: 5, timeout: .seconds(120))
                    try await eventually { relay.passed.count == 2 }
                    let request = try #require(relay.passed.first)
                    relay.rule { _ in .deliver }
                    try await relay.send(request, to: node.address)
                    let result6 = try await answer
                    #expect(result6 == 5)
                    #expect(node.calls.all == ["7:5"])
                    #expect(node.peer.figures.values.refused[.repeated] == 1)
                }
            }
        }
    }

    @Test("a relay that comes back gets its share again")
    func fairReturn() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { staying in
            var first: WebSocketAddress?
            try await TestRelay.run { first = $0.address }
            let returning = try #require(first)
            try await TestPeer.run(node, twins, at: [returning, staying.address], waits: false) { node in
                try await TestPeer.run(user, twins, at: [returning, staying.address], waits: false) { user in
                    try await eventually { staying.isConnected(node.address) && staying.isConnected(user.address) }
                    for number in 0..<4 {
                        let result7 = try await user.caller.call("echo.say", at: 2, payload: .string("\(number)"))
                        #expect(
                            result7 == .string("\(number)")
                        )
                    }
                    #expect(staying.passed.count == 8)
                    try await TestRelay.run(port: returning.port) { back in
                        try await eventually { back.isConnected(node.address) && back.isConnected(user.address) }
                        for number in 0..<20 {
                            _ = try await user.caller.call("echo.say", at: 2, payload: .string("\(number)"))
                        }
                        #expect(back.passed.count >= 10)
                        #expect(staying.passed.count > 8)
                    }
                }
            }
        }
    }

    @Test("when a relay cannot deliver, the other is tried; the last one's words are the error")
    func undelivered() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        let refuse: @Sendable (RelayEnvelope) -> TestRelay.Fate = { request in
            var error = RelayEnvelope()
            error.uid = request.uid
            error.lifetime = EnvelopeLifetime(sentAt: UnixTime.now())
            error.destination = request.source
            error.message = .error(code: 0, text: "destination offline")
            return .answer(error)
        }
        try await TestRelay.run { first in
            try await TestRelay.run { second in
                first.rule(refuse)
                try await TestPeer.run(node, twins, at: [second.address]) { _ in
                    try await TestPeer.run(user, twins, at: [first.address, second.address]) { user in
                        for number in 0..<3 {
                            let result8 = try await user.caller.call("echo.say", at: 2, payload: .string("\(number)"))
                            #expect(result8 == .string("\(number)"))
                        }
                        second.rule(refuse)
                        let error = try #require(await user.failure("echo.say"))
                        #expect(error.code == .unreachable)
                        #expect(error.message.contains("destination offline"))
                        #expect(error.isRetryable)
                    }
                }
            }
        }
    }

    @Test("without any relay a call ends with its deadline, and one that comes in time carries it")
    func noRelay() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        var gone: WebSocketAddress?
        try await TestRelay.run { gone = $0.address }
        let address = try #require(gone)
        try await TestPeer.run(user, twins, at: [address], waits: false) { user in
            #expect(await user.failure("echo.say", timeout: .milliseconds(50))?.code == .timedOut)
            let caller = user.caller
            let call = Task { try await caller.call("echo.say", at: 2, payload: 1, timeout: .seconds(120)) }
            try await TestRelay.run(port: address.port) { relay in
                try await TestPeer.run(node, twins, at: [address]) { _ in
                    let answer = try await call.value
                    #expect(answer == 1)
                }
            }
        }
    }

    @Test("a request that waited for a relay is stamped anew with so much less to live, and not sent once it expired")
    func restamped() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        let time = SharedTime()
        let start = UInt64(time.now.seconds)
        var gone: WebSocketAddress?
        try await TestRelay.run { gone = $0.address }
        let address = try #require(gone)
        try await TestPeer.run(user, twins, at: [address], waits: false, time: time) { user in
            let caller = user.caller
            let early = Task { try await caller.call("echo.say", at: 2, payload: 1, timeout: .seconds(90)) }
            let late = Task { try await caller.call("echo.say", at: 2, payload: 2, timeout: .seconds(1800)) }
            try await eventually { user.peer.figures.values.waiting == 2 }
            time.pass(100)
            let failure = await early.result
            #expect(throws: RMBError.self) { try failure.get() }
            try await TestRelay.run(port: address.port) { relay in
                try await TestPeer.run(node, twins, at: [address], time: time) { _ in
                    let answer = try await late.value
                    #expect(answer == 2)
                    let lifetime = try #require(relay.passed.first?.lifetime)
                    #expect(lifetime.timestamp == start + 100)
                    #expect(lifetime.expiration == 1700)
                    #expect(relay.passed.count == 2)
                }
            }
        }
    }

    @Test("calls to twins that do not exist, or while the ledger is away, fail with the reason")
    func lookups() async throws {
        let user = try twins.make(7)
        try await TestRelay.run { relay in
            try await TestPeer.run(user, twins, at: [relay.address]) { user in
                let unknown = try #require(await user.failure("echo.say", at: 99))
                #expect(unknown.code == .unknownTwin && !unknown.isRetryable)
                twins.state.withLock { $0.outage = "gone" }
                let away = try #require(await user.failure("echo.say"))
                #expect(away.code == .keyUnavailable && away.isRetryable)
                #expect(relay.passed.isEmpty)
            }
        }
    }

    @Test("one desk serves both transports: a twin's requests over one count for the other")
    func oneDesk() async throws {
        let desk = RequestDesk(router: Router(), requestsPerTwin: 2)
        try desk.begin(7)
        try desk.begin(7)
        #expect(throws: RMBError.self) { try desk.begin(7) }
        try desk.begin(8)
        desk.end(7)
        try desk.begin(7)
    }

    @Test("an answer that is too large for an envelope is an error, and the connection stays")
    func tooLarge() async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address]) { _ in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    let half = JSONValue.string(String(repeating: "x", count: 1 << 19))
                    let result10 = try await user.caller.call("echo.say", at: 2, payload: half)
                    #expect(result10 == half)
                    let whole = JSONValue.string(String(repeating: "x", count: 1 << 20))
                    #expect(await user.failure("echo.say", payload: whole)?.code == .tooLarge)
                    #expect(relay.tokens.count == 2)
                }
            }
        }
    }
}
