import Contracts
import RMB
import Testing

@testable import Relay

@Suite("RelayRouter")
struct RelayRouterTests {
    private let alice = RelayAddress(twin: 1, session: "cli")
    private let bob = RelayAddress(twin: 2)

    private func bench(_ change: (inout Relay.Configuration) throws -> Void = { _ in }) throws -> RouterBench {
        let bench = try RouterBench(change)
        bench.twins.add(1)
        bench.twins.add(2)
        try bench.connect(alice)
        return bench
    }

    @Test("an envelope reaches the connected session unchanged")
    func delivery() async throws {
        let bench = try bench()
        try bench.connect(bob)
        var envelope = RelayEnvelope.request(from: alice, to: bob, at: bench.clock.now)
        envelope.signature = [1, 2, 3]
        #expect(try await bench.send(envelope, as: alice).isEmpty)
        #expect(try bench.received(bob) == [envelope])
    }

    @Test("a sender that claims to be another twin, another session or nobody is refused")
    func wrongSource() async throws {
        let bench = try bench()
        try bench.connect(bob)
        for source in [RelayAddress(twin: 2), RelayAddress(twin: 1), RelayAddress(twin: 1, session: ""), nil] {
            let envelope = RelayEnvelope.request(from: source, to: bob, at: bench.clock.now)
            #expect(try await bench.send(envelope, as: alice) == ["message wrong source"])
        }
        #expect(try bench.received(bob).isEmpty)
    }

    @Test("an envelope to nobody or to twin 0 is refused")
    func missingDestination() async throws {
        let bench = try bench()
        for destination in [nil, RelayAddress(twin: 0)] {
            let envelope = RelayEnvelope.request(from: alice, to: destination, at: bench.clock.now)
            #expect(try await bench.send(envelope, as: alice) == ["message with missing destination"])
        }
    }

    @Test("errors go back for requests only")
    func errorsForRequests() async throws {
        let bench = try bench()
        for message in [RelayEnvelope.Message.response, .pong, .error(code: 1, text: "x")] {
            var envelope = RelayEnvelope.request(from: bob, to: bob, at: bench.clock.now)
            envelope.message = message
            #expect(try await bench.send(envelope, as: alice).isEmpty)
        }
        #expect(bench.figures.value(.refused) == 3)
    }

    @Test("an envelope for a session that is away waits for it, unless it would rather fail")
    func waiting() async throws {
        let bench = try bench()
        let stored = RelayEnvelope.request(from: alice, to: bob, uid: "stored", at: bench.clock.now)
        #expect(try await bench.send(stored, as: alice).isEmpty)
        let hasty = RelayEnvelope.request(from: alice, to: bob, tags: "a, fail-fast", at: bench.clock.now)
        #expect(try await bench.send(hasty, as: alice) == ["destination offline"])
        let shouted = RelayEnvelope.request(from: alice, to: bob, uid: "b", tags: "FAIL-FAST", at: bench.clock.now)
        #expect(try await bench.send(shouted, as: alice).isEmpty)
        try bench.connect(bob)
        #expect(try bench.received(bob).map(\.uid) == ["stored", "b"])
    }

    @Test("an expired envelope is neither taken nor delivered later")
    func expiry() async throws {
        let bench = try bench()
        let now = bench.clock.now
        #expect(
            try await bench.send(.request(from: alice, to: bob, at: now, seconds: 10), as: alice).isEmpty)
        bench.clock.advance(10)
        try bench.connect(bob)
        #expect(try bench.received(bob).isEmpty)
        for seconds in [UInt64(0), 10, .max] {
            let envelope = RelayEnvelope.request(from: alice, to: bob, at: now, seconds: seconds)
            #expect(try await bench.send(envelope, as: alice) == ["message has expired"])
        }
    }

    @Test("a twin that is unknown, has no relay, or cannot be looked up is said to be so")
    func lookups() async throws {
        let bench = try bench()
        bench.twins.add(3, relay: nil)
        func errors(_ twin: UInt32) async throws -> [String] {
            try await bench.send(.request(from: alice, to: RelayAddress(twin: twin), at: bench.clock.now), as: alice)
        }
        #expect(try await errors(9) == ["unknown twin destination"])
        #expect(try await errors(3) == ["relay info is not set for this twin"])
        bench.twins.fail(LedgerUnavailable(.timedOut, "no answer"))
        #expect(try await errors(8) == ["failed to route message to peer '8': no answer"])
    }

    @Test("a twin that sends too much gets errors, and stays connected")
    func rateLimit() async throws {
        let bench = try bench { $0.rate = RateLimit(count: 2, bytes: 1 << 20) }
        try bench.connect(bob)
        for number in 0..<3 {
            let envelope = RelayEnvelope.request(
                from: alice, to: bob, uid: "\(number)", at: bench.clock.now, seconds: 300)
            let errors = try await bench.send(envelope, as: alice)
            #expect(errors == (number < 2 ? [] : ["exceeded rate limits, dropping message"]))
        }
        bench.clock.advance(60)
        let envelope = RelayEnvelope.request(from: alice, to: bob, uid: "3", at: bench.clock.now)
        #expect(try await bench.send(envelope, as: alice).isEmpty)
        #expect(try bench.received(bob).map(\.uid) == ["0", "1", "3"])
    }

    @Test("an envelope's ping comes back as a pong, whatever its destination, but not from a wrong source")
    func ping() async throws {
        let bench = try bench()
        var ping = RelayEnvelope.request(from: alice, to: bob, at: bench.clock.now, payload: Array("hi ".utf8))
        ping.message = .ping
        ping.signature = [1]
        try await bench.router.route(ping.encoded, from: alice)
        let pong = try #require(try bench.received(alice).first)
        #expect(pong.message == .pong)
        #expect(pong.source == bob && pong.destination == alice)
        #expect(pong.payload == .plain(Array("hi hello world".utf8)))
        #expect(pong.signature == [1])
        ping.source = bob
        try await bench.router.route(ping.encoded, from: alice)
        #expect(try bench.received(alice).isEmpty)
    }

    @Test("bytes that are no envelope are told from envelopes that go nowhere")
    func malformed() async throws {
        let bench = try bench()
        await #expect(throws: RMBError.self) { try await bench.router.route([0xff, 0xff], from: alice) }
        await #expect(throws: RMBError.self) {
            try await bench.router.route([UInt8](repeating: 0, count: RelayEnvelope.sizeLimit + 1), from: alice)
        }
    }
}
