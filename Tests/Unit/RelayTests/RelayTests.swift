import Contracts
import Foundation
import RMB
import Signatures
import Testing

@testable import Relay

@Suite("Relay")
struct RelayTests {
    private let alice = RelayAddress(twin: 1, session: "cli")
    private let bob = RelayAddress(twin: 2)

    @Test("two peers exchange envelopes, of one frame and of many")
    func exchange() async throws {
        let twins = FakeTwins()
        let (aliceKey, bobKey) = (twins.add(1), twins.add(2, scheme: .sr25519))
        try await RunningRelay.with(twins) { port in
            let a = try await RawPeer.connected(port: port, as: alice, key: aliceKey)
            let b = try await RawPeer.connected(port: port, as: bob, key: bobKey)
            let small = RelayEnvelope.request(from: alice, to: bob, uid: "1", at: .now())
            a.send(small.encoded)
            #expect(try await b.envelope() == small)
            let large = RelayEnvelope.request(
                from: bob, to: alice, uid: "2", at: .now(), payload: [UInt8](repeating: 7, count: 900_000))
            var rest = large.encoded[...]
            var opcode: UInt8 = 2
            while !rest.isEmpty {
                let part = rest.prefix(4082)
                rest = rest.dropFirst(4082)
                b.send(Array(part), opcode: opcode, isFinal: rest.isEmpty)
                opcode = 0
            }
            #expect(try await a.envelope() == large)
        }
    }

    @Test("who may connect: each wrong token gets its status and text")
    func tokens() async throws {
        let twins = FakeTwins()
        let key = twins.add(1)
        let now = UnixTime.now()
        let good = RelayToken.make(for: 1, session: nil, key: key, at: now)
        let old = RelayToken.make(for: 1, session: nil, key: key, at: UnixTime(seconds: now.seconds - 3600))
        let eternal = RelayToken.make(for: 1, session: nil, key: key, at: UnixTime(seconds: now.seconds + 1_000_000))
        let forged = RelayToken.make(for: 1, session: nil, key: .generate(scheme: .ed25519), at: now)
        let unknown = RelayToken.make(for: 9, session: nil, key: key, at: now)
        let cases: [(String?, Int, String)] = [
            (good, 101, ""), (nil, 400, "missing jwt"), ("", 400, "missing jwt"),
            ("nonsense", 401, "invalid jwt: jwt: this is no token"), (old, 401, "invalid jwt: jwt has expired"),
            (eternal, 401, "invalid jwt: jwt: it is good for more than 3600 seconds"),
            (forged, 401, "invalid jwt: jwt: wrong signature"), (unknown, 401, "twin not found 9"),
        ]
        try await RunningRelay.with(twins) { port in
            for (query, status, body) in cases {
                let answer = try await RawPeer(port: port).upgrade(query: query)
                #expect(answer.status == status)
                #expect(answer.body == body)
            }
            twins.add(5)
            let fifth = RelayToken.make(for: 5, session: nil, key: key, at: now)
            twins.fail(LedgerUnavailable(.timedOut, "no answer"))
            let answer = try await RawPeer(port: port).upgrade(query: fifth)
            #expect(answer.status == 500)
            #expect(answer.body == "failed to get twin: no answer")
        }
    }

    @Test("other addresses are not found, figures are")
    func pages() async throws {
        try await RunningRelay.with(FakeTwins()) { port in
            let other = try await RawPeer(port: port).request("GET /x HTTP/1.1\r\nHost: relay\r\n\r\n")
            #expect(other.status == 404)
            #expect(other.body == "page not found")
            let figures = try await RawPeer(port: port).request("GET /metrics HTTP/1.1\r\nHost: relay\r\n\r\n")
            #expect(figures.status == 200)
            #expect(figures.body.contains("\nrelay_sessions_count 0\n"))
            #expect(figures.body.contains("relay_envelopes_total{fate=\"delivered\"} 0"))
        }
    }

    @Test("a second connection of a session ends the first, and is not ended by its clean-up")
    func replacement() async throws {
        let twins = FakeTwins()
        let (aliceKey, bobKey) = (twins.add(1), twins.add(2))
        try await RunningRelay.with(twins) { port in
            let first = try await RawPeer.connected(port: port, as: alice, key: aliceKey)
            let b = try await RawPeer.connected(port: port, as: bob, key: bobKey)
            let second = try await RawPeer.connected(port: port, as: alice, key: aliceKey)
            #expect(try await first.receive() == .end)
            let envelope = RelayEnvelope.request(from: bob, to: alice, tags: "fail-fast", at: .now())
            b.send(envelope.encoded)
            #expect(try await second.envelope() == envelope)
            second.send([], opcode: 9)
            #expect(try await second.receive() == .pong([]))
        }
    }

    @Test("what is sent to a session that is away is delivered when it connects")
    func waiting() async throws {
        let twins = FakeTwins()
        let (aliceKey, bobKey) = (twins.add(1), twins.add(2))
        try await RunningRelay.with(twins) { port in
            let a = try await RawPeer.connected(port: port, as: alice, key: aliceKey)
            let envelopes = (0..<100).map { RelayEnvelope.request(from: alice, to: bob, uid: "\($0)", at: .now()) }
            for envelope in envelopes { a.send(envelope.encoded) }
            // Answered in order: once the pong is there, the rest was taken.
            a.send([1], opcode: 9)
            #expect(try await a.receive() == .pong([1]))
            let b = try await RawPeer.connected(port: port, as: bob, key: bobKey)
            for envelope in envelopes { #expect(try await b.envelope() == envelope) }
        }
    }

    @Test("text, and bytes that are no envelope, end the connection")
    func wrongFrames() async throws {
        let twins = FakeTwins()
        let key = twins.add(1)
        try await RunningRelay.with(twins) { port in
            let text = try await RawPeer.connected(port: port, as: alice, key: key)
            text.send(Array("hello".utf8), opcode: 1)
            #expect(try await text.receive() == .close(1003))
            let nonsense = try await RawPeer.connected(port: port, as: bob, key: twins.add(2))
            nonsense.send([0xff, 0xff])
            #expect(try await nonsense.receive() == .end)
            let long = try await RawPeer.connected(port: port, as: alice, key: key)
            long.send([UInt8](repeating: 0, count: RelayEnvelope.sizeLimit + 1))
            var frame = try await long.receive()
            if case .close = frame { frame = try await long.receive() }
            #expect(frame == .end)
        }
    }

    @Test("connections in all, from one place, and sessions of one twin are limited")
    func limits() async throws {
        let twins = FakeTwins()
        let key = twins.add(1)
        try await RunningRelay.with(twins) {
            ($0.connectionsPerSource, $0.sessionsPerTwin) = (3, 1)
        } _: { port in
            let first = try await RawPeer.connected(port: port, as: alice, key: key)
            let second = try await RawPeer.connected(port: port, as: RelayAddress(twin: 1), key: key)
            #expect(try await second.receive() == .end)
            try await eventually("its place is free again") {
                let answer = try await RawPeer(port: port).request("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                return answer.body.contains("relay_sessions_count 1")
            }
            try await eventually("one more than three is closed without a word") {
                let others = try (0..<2).map { _ in try RawPeer(port: port) }
                let answer = try await RawPeer(port: port).request("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                return withExtendedLifetime(others) { answer.status == 0 }
            }
            first.send([], opcode: 9)
            #expect(try await first.receive() == .pong([]))
        }
    }

    @Test("envelopes pass between the twins of two relays, and an error of the far one comes back")
    func federation() async throws {
        let twins = FakeTwins()
        let (aliceKey, bobKey) = (twins.add(1, relay: "here.test"), twins.add(2, relay: "there.test"))
        try await RunningRelay.with(twins, names: ["there.test"]) { there in
            try await RunningRelay.with(twins) {
                try $0.remotes.add("there.test", at: "http://127.0.0.1:\(there)")
            } _: { here in
                let a = try await RawPeer.connected(port: here, as: alice, key: aliceKey)
                let early = RelayEnvelope.request(from: alice, to: bob, tags: "fail-fast", at: .now())
                a.send(early.encoded)
                #expect(
                    try await a.envelope().message
                        == .error(code: 0, text: "remote relay rejected permanently: destination offline"))
                let b = try await RawPeer.connected(port: there, as: bob, key: bobKey)
                a.send(early.encoded)
                #expect(try await b.envelope() == early)
                let answer = try await RawPeer(port: there).post([0xff])
                #expect(answer.status == 400)
                #expect(answer.body.hasPrefix("bad request: "))
            }
        }
    }

    @Test("an envelope that is too large is refused at the door of other relays, with and without its length")
    func largePost() async throws {
        try await RunningRelay.with(FakeTwins()) { port in
            let said = try await RawPeer(port: port).request(
                "POST / HTTP/1.1\r\nHost: relay\r\nContent-Length: 2000000\r\n\r\n")
            #expect(said.status == 413)
            let chunk = [UInt8](repeating: 0, count: 0x120000)
            let grown = try await RawPeer(port: port).request(
                "POST / HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n120000\r\n", body: chunk)
            #expect(grown.status == 413)
        }
    }
}
