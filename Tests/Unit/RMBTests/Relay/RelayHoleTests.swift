import JSON
import Logging
import Signatures
import Synchronization
import Testing
import WebSockets

@testable import RMB

/// The holes of docs/spec/rmb-relay.md section 10, tried by a relay that is not honest.
@Suite("Relay holes")
struct RelayHoleTests {
    private let twins = TestTwins()

    /// Runs the body with a node at a relay, and a request for it that is in order.
    private func withNode(
        _ body: (TestRelay, TestPeer, (UInt32, RelayEnvelope.Message, (inout RelayEnvelope) -> Void) -> RelayEnvelope)
            async throws -> Void
    ) async throws {
        let (node, user) = (try twins.make(2), try twins.make(7))
        try await TestRelay.run { relay in
            try await TestPeer.run(node, twins, at: [relay.address]) { node in
                try await body(relay, node) { twin, message, change in
                    var envelope = RelayEnvelope()
                    envelope.uid = UUIDText.random()
                    envelope.lifetime = EnvelopeLifetime(sentAt: UnixTime.now())
                    envelope.source = RelayAddress(twin: twin)
                    envelope.destination = RelayAddress(twin: 2)
                    envelope.message = message
                    envelope.schema = RelayEnvelope.jsonSchema
                    envelope.payload = .plain(Array("1".utf8))
                    change(&envelope)
                    envelope.sign(with: user.key)
                    return envelope
                }
            }
        }
    }

    @Test("holes 1 to 4: what a relay makes up by itself reaches no handler, and each is counted by its reason")
    func madeUp() async throws {
        try await withNode { relay, node, make in
            var unsigned = make(7, .request(command: "echo.say")) { _ in }
            unsigned.signature = nil
            var empty = unsigned
            empty.signature = []
            var noSource = unsigned
            noSource.source = nil
            var zero = unsigned
            zero.source = RelayAddress(twin: 0)
            let forged = make(2, .request(command: "echo.say")) { _ in }
            let misled = make(7, .request(command: "echo.say")) { $0.destination = RelayAddress(twin: 3) }
            for envelope in [unsigned, empty, noSource, zero, forged, misled] {
                try await relay.send(envelope, to: node.address)
            }
            try await relay.send(make(7, .request(command: "echo.say")) { _ in }, to: node.address)
            try await eventually { node.calls.all == ["7:1"] }
            try await eventually { node.peer.figures.values.refused.values.reduce(0, +) == 6 }
            #expect(
                node.peer.figures.values.refused == [
                    .unsigned: 2, .noSource: 2, .signature: 1, .wrongDestination: 1,
                ])
        }
    }

    @Test("hole 5: a request that a relay delivers ten times is done once")
    func replay() async throws {
        try await withNode { relay, node, make in
            let request = make(7, .request(command: "echo.say")) { _ in }
            for _ in 0..<10 { try await relay.send(request, to: node.address) }
            try await eventually { node.peer.figures.values.refused[.repeated] == 9 }
            #expect(node.calls.all == ["7:1"])
        }
    }

    @Test("hole 6: a forged answer does not end a call, the right one does")
    func forgedAnswer() async throws {
        let (node, user, stranger) = (try twins.make(2), try twins.make(7), try twins.make(8))
        try await TestRelay.run { relay in
            relay.rule { envelope in
                guard case .response = envelope.message else { return .deliver }
                var unsigned = envelope
                unsigned.signature = nil
                unsigned.payload = .plain(Array("666".utf8))
                var forged = unsigned
                forged.source = RelayAddress(twin: 8)
                forged.sign(with: stranger.key)
                var ours = unsigned
                ours.sign(with: stranger.key)
                return .replace([unsigned, forged, ours, envelope, envelope])
            }
            try await TestPeer.run(node, twins, at: [relay.address]) { _ in
                try await TestPeer.run(user, twins, at: [relay.address]) { user in
                    let result1 = try await user.caller.call("echo.say", at: 2, payload: 1, timeout: .seconds(60))
                    #expect(result1 == 1)
                    try await eventually { user.peer.figures.values.refused.values.reduce(0, +) == 4 }
                    #expect(
                        user.peer.figures.values.refused == [.unsigned: 1, .unsolicited: 2, .signature: 1])
                }
            }
        }
    }

    @Test("hole 13: frames that cannot be parsed, and text frames, are counted, and the connection goes on")
    func unparsable() async throws {
        try await withNode { relay, node, make in
            for bytes in [[0xff, 0xff, 0xff], [0x0a, 0x05, 0x61], [0x0a, 0x01, 0xff]] as [[UInt8]] {
                try await relay.send(.binary(bytes), to: node.address)
            }
            try await relay.send(.text("hello"), to: node.address)
            try await relay.send(.binary([UInt8](repeating: 0, count: 1 << 20 + 1)), to: node.address)
            try await relay.send(make(7, .request(command: "echo.say")) { _ in }, to: node.address)
            try await eventually { node.calls.all == ["7:1"] }
            try await eventually { node.peer.figures.values.refused[.malformed] == 5 }
            #expect(relay.tokens.count == 1)
        }
    }

    @Test(
        "refused requests are answered with the grid's codes, signed, to twin and session; nothing else is answered",
        arguments: [UInt32(102), 103, 104, 105, 106])
    func codes(code: UInt32) async throws {
        try await withNode { relay, node, make in
            let source = RelayAddress(twin: code == 103 ? 99 : 7, session: "cli")
            var request = make(7, .request(command: "echo.say")) { envelope in
                envelope.source = source
                switch code {
                case 102:
                    envelope.lifetime = EnvelopeLifetime(timestamp: envelope.lifetime.timestamp - 301, expiration: 300)
                case 105, 106: envelope.payload = .cipher([UInt8](repeating: 0, count: 40))
                default: break
                }
            }
            if code == 104 { request.uid += "x" }
            if code == 105 { twins.state.withLock { $0.records[7]?.encryptionKey = nil } }
            let notRequest = make(7, .response) { _ in }
            try await relay.send(notRequest, to: node.address)
            try await relay.send(request, to: node.address)
            try await eventually { relay.passed.count == 1 }
            let answer = try #require(relay.passed.first)
            guard case .error(code, _) = answer.message else {
                Issue.record("answered \(answer)")
                return
            }
            #expect(answer.uid == request.uid)
            #expect(answer.destination == source)
            #expect(answer.lifetime.expiration == 300)
            try answer.verifySignature(by: node.twin.key.publicKey)
            #expect(node.calls.all.isEmpty)
        }
    }

    @Test("hole 10: a twin that takes back its key is noticed, and refused where the operator insists")
    func downgrade() throws {
        let (own, peer) = (try twins.make(2), try twins.make(7))
        let (log, handler) = TestLog.make()
        var record = TwinRecord(key: peer.key.publicKey, encryptionKey: peer.encryption.publicKey)
        for refuses in [false, true] {
            record.encryptionKey = peer.encryption.publicKey
            let sealer = PayloadSealer(
                keys: SharedKeys(own: own.encryption), refusesDowngrade: refuses, log: log)
            guard case .cipher = try sealer.payload([1], for: 7, record, isOwnKeyKnown: true) else {
                Issue.record("in plain")
                return
            }
            record.encryptionKey = nil
            if refuses {
                #expect(throws: RMBError.self) { try sealer.payload([1], for: 7, record, isOwnKeyKnown: true) }
                #expect(try sealer.payload([1], for: 8, record, isOwnKeyKnown: true) == .plain([1]))
            } else {
                #expect(try sealer.payload([1], for: 7, record, isOwnKeyKnown: true) == .plain([1]))
            }
        }
        #expect(handler.warnings == ["messages to a twin are no longer encrypted"])
    }

    @Test("hole 11: messages per key are counted, and the log warns far below 2^32")
    func manyMessages() throws {
        let (own, peer) = (try twins.make(2), try twins.make(7))
        let (log, handler) = TestLog.make()
        let keys = SharedKeys(own: own.encryption, log: log, warningInterval: 3)
        for _ in 0..<7 { _ = try keys.seal([1], for: 7, publicKey: peer.encryption.publicKey) }
        #expect(handler.warnings.count == 2)
        #expect(SharedKeys.warningInterval < 1 << 28)
    }

    @Test("a seed that is no key of the curve is refused: zero, the group order, and beyond")
    func badSeeds() throws {
        let order = try Hex.decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        for bytes in [[UInt8](repeating: 0, count: 32), order, [UInt8](repeating: 255, count: 32)] {
            let seed = try Seed(bytes: bytes)
            #expect(throws: RMBError.self) { try EndToEndKey(seed: seed) }
        }
    }
}

/// Keeps the warnings of a logger.
final class TestLog: Sendable {
    private let kept = Mutex<[String]>([])
    var warnings: [String] { kept.withLock { $0 } }

    static func make() -> (Logger, TestLog) {
        let log = TestLog()
        return (Logger(label: "test") { _ in Handler(log: log) }, log)
    }

    private struct Handler: LogHandler {
        let log: TestLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if event.level >= .warning { log.kept.withLock { $0.append(event.message.description) } }
        }
    }
}
