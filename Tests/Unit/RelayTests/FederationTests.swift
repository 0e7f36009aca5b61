import Contracts
import NIOCore
import RMB
import Testing

@testable import Relay

@Suite("Federation")
struct FederationTests {
    private let alice = RelayAddress(twin: 1)
    private let carol = RelayAddress(twin: 3)
    private let stranger = NetworkSource(nil)

    private func bench(relay: String = "there.test_other.test") throws -> RouterBench {
        let bench = try RouterBench()
        bench.twins.add(1)
        bench.twins.add(3, relay: relay)
        try bench.connect(alice)
        return bench
    }

    @Test("an envelope for a twin of another relay is handed over unchanged, to the next relay if one fails")
    func handOver() async throws {
        let bench = try bench()
        bench.transport.answer("there", .failed("gone"))
        bench.transport.answer("other", .accepted)
        try await bench.federating {
            for number in 0..<20 {
                let envelope = RelayEnvelope.request(from: alice, to: carol, uid: "\(number)", at: bench.clock.now)
                #expect(try await bench.send(envelope, as: alice).isEmpty)
                try await eventually("handed over") { bench.figures.value(.federated) == UInt64(number + 1) }
                #expect(bench.transport.posts.last?.bytes == envelope.encoded)
            }
        }
        // Once it failed, the other one is asked first.
        #expect(bench.transport.posts.count { $0.host == "there" } <= 1)
        #expect(bench.federation.count == 0)
    }

    @Test("a refusal is final and told to the sender")
    func refusal() async throws {
        let bench = try bench(relay: "there.test")
        bench.transport.answer("there", .refused("destination offline"))
        try await bench.federating {
            // The answer may be there already.
            var errors = try await bench.send(.request(from: alice, to: carol, at: bench.clock.now), as: alice)
            try await eventually("told") {
                errors += try bench.errors(alice)
                return !errors.isEmpty
            }
            #expect(errors == ["remote relay rejected permanently: destination offline"])
        }
        #expect(bench.transport.posts.count == 1)
    }

    @Test("relays that are away are tried again until the envelope expires, and the sender is told then")
    func retries() async throws {
        let bench = try bench()
        try await bench.federating {
            let envelope = RelayEnvelope.request(from: alice, to: carol, at: bench.clock.now, seconds: 10)
            // The answer may be there already.
            var errors = try await bench.send(envelope, as: alice)
            try await eventually("told") {
                errors += try bench.errors(alice)
                return !errors.isEmpty
            }
            #expect(errors == ["message has expired"])
        }
        // Each pause of this clock is a second: ten rounds of two relays.
        #expect(bench.transport.posts.count == 20)
        #expect(bench.federation.count == 0)
    }

    @Test("a relay that nobody configured is not asked")
    func unknownRelay() async throws {
        let bench = try bench(relay: "internal.test")
        let errors = try await bench.send(.request(from: alice, to: carol, at: bench.clock.now), as: alice)
        #expect(
            errors == ["failed to route message to peer '3': this relay does not know where 'internal.test' is"])
        #expect(bench.transport.posts.isEmpty)
    }

    @Test("no more than a fixed number of envelopes are on their way to other relays")
    func bound() async throws {
        let bench = try RouterBench { $0.federationLimit = 1 }
        bench.twins.add(3, relay: "there.test")
        try bench.connect(alice)
        #expect(try await bench.send(.request(from: alice, to: carol, at: bench.clock.now), as: alice).isEmpty)
        #expect(
            try await bench.send(.request(from: alice, to: carol, at: bench.clock.now), as: alice)
                == ["failed to route message to peer '3': too many messages wait for other relays"])
    }

    @Test("what another relay hands over is delivered, or waits")
    func receive() async throws {
        let bench = try bench()
        let now = bench.clock.now
        let first = RelayEnvelope.request(from: carol, to: alice, at: now)
        #expect(await bench.router.receive(first.encoded, from: stranger) == DoorReply(202, ""))
        #expect(try bench.received(alice) == [first])
        let away = RelayAddress(twin: 1, session: "away")
        let second = RelayEnvelope.request(from: carol, to: away, at: now)
        #expect(await bench.router.receive(second.encoded, from: stranger).status == 202)
        try bench.connect(away)
        #expect(try bench.received(away) == [second])
    }

    @Test("the door of other relays refuses what can go nowhere, for good or for now")
    func refusals() async throws {
        let bench = try bench()
        let now = bench.clock.now
        func reply(_ envelope: RelayEnvelope) async -> DoorReply {
            await bench.router.receive(envelope.encoded, from: stranger)
        }
        #expect(await bench.router.receive([0xff], from: stranger).body.hasPrefix("bad request: "))
        #expect(await bench.router.receive([0xff], from: stranger).status == 400)
        #expect(await reply(.request(from: carol, to: nil, at: now)).status == 400)
        #expect(await reply(.request(from: carol, to: RelayAddress(twin: 0), at: now)).status == 400)
        #expect(await reply(.request(from: carol, to: alice, at: now, seconds: 0)).status == 400)
        let absent = RelayAddress(twin: 1, session: "x")
        let hasty = await reply(.request(from: carol, to: absent, tags: "fail-fast", at: now))
        #expect(hasty == DoorReply(404, "destination offline"))
        #expect(await reply(.request(from: alice, to: RelayAddress(twin: 9), at: now)).status == 404)
        #expect(await reply(.request(from: alice, to: carol, at: now)).status == 404, "a twin of other relays")
        bench.twins.fail(LedgerUnavailable(.timedOut, "no answer"))
        #expect(await reply(.request(from: carol, to: RelayAddress(twin: 8), at: now)).status == 503)
    }

    @Test("a stranger that hands over too much is asked to come later")
    func doorRate() async throws {
        let bench = try RouterBench { $0.rate = RateLimit(count: 1, bytes: 1000) }
        bench.twins.add(1)
        let envelope = RelayEnvelope.request(from: carol, to: alice, at: bench.clock.now).encoded
        #expect(await bench.router.receive(envelope, from: stranger).status == 202)
        #expect(await bench.router.receive(envelope, from: stranger).status == 503)
    }
}
