import Glibc
import Signatures
import Testing

@testable import RMB

/// The holes of docs/spec/rmb-relay.md section 10 that concern one envelope.
@Suite("Relay envelope holes")
struct EnvelopeHoleTests {
    private static let kinds: [RelayEnvelope.Message] = [
        .request(command: "echo.say"), .response, .error(code: 5, text: "oops"), .ping, .pong,
    ]

    @Test("a request that is in order is taken in, with its sender, session and payload")
    func control() async throws {
        let test = try TestVerifier()
        let request = try await test.admits(
            test.envelope { $0.source = RelayAddress(twin: 7, session: "cli") })
        #expect(request.sender.id == 7)
        #expect(request.source == RelayAddress(twin: 7, session: "cli"))
        #expect(request.payload == Array("1".utf8))
        #expect(request.isFirst)
    }

    @Test("hole 1: an envelope without signature is refused, whatever its kind", arguments: kinds)
    func unsigned(kind: RelayEnvelope.Message) async throws {
        let test = try TestVerifier()
        let envelope = test.envelope(kind, isSigned: false)
        try test.await(envelope.uid, from: 7)
        switch kind {
        case .ping, .pong: await test.refuses(envelope, .kind)
        default: await test.refuses(envelope, .unsigned)
        }
    }

    @Test("hole 1: an envelope signed by another twin is refused, whatever its kind", arguments: kinds.prefix(3))
    func wronglySigned(kind: RelayEnvelope.Message) async throws {
        let test = try TestVerifier()
        let envelope = test.envelope(kind, from: test.stranger) { $0.source = RelayAddress(twin: 7) }
        try test.await(envelope.uid, from: 7)
        await test.refuses(envelope, .signature, code: 104)
    }

    @Test("hole 1: an envelope that was changed after signing is refused")
    func tampered() async throws {
        let test = try TestVerifier()
        let changes: [(inout RelayEnvelope) -> Void] = [
            { $0.uid += "x" }, { $0.tags = "t" }, { $0.message = .request(command: "echo.fail") },
            { $0.payload = .plain([0x32]) }, { $0.federation = "f" }, { $0.relays = ["r"] },
            { $0.source = RelayAddress(twin: 7, session: "s") },
        ]
        for change in changes {
            var envelope = test.envelope()
            change(&envelope)
            await test.refuses(envelope, .signature, code: 104)
        }
    }

    @Test("hole 2: a signature of no bytes is refused and crashes nothing")
    func emptySignature() async throws {
        let test = try TestVerifier()
        var envelope = test.envelope()
        envelope.signature = []
        await test.refuses(try RelayEnvelope(parsing: envelope.encoded), .unsigned)
    }

    @Test(
        "hole 3: an envelope without source, or of twin 0, is refused, whatever its kind", arguments: kinds,
        [nil, RelayAddress(twin: 0)])
    func noSource(kind: RelayEnvelope.Message, source: RelayAddress?) async throws {
        let test = try TestVerifier()
        for isSigned in [false, true] {
            await test.refuses(test.envelope(kind, isSigned: isSigned) { $0.source = source }, .noSource)
        }
    }

    @Test("hole 3: of what has no source only errors are believed, and only for requests that wait")
    func relayError() async throws {
        let test = try TestVerifier()
        for kind in Self.kinds {
            for destination in [nil, RelayAddress(twin: 2), RelayAddress(twin: 2, session: "other")] {
                let envelope = test.envelope(kind, isSigned: false) {
                    $0.source = nil
                    $0.destination = destination
                }
                try test.await(envelope.uid, from: 7)
                guard case .error = kind, destination?.session == nil else {
                    await test.refuses(envelope, .noSource)
                    continue
                }
                guard case .relayError(let uid, let text) = try await test.verifier.admit(envelope) else {
                    Issue.record("admitted as something else")
                    continue
                }
                #expect(uid == envelope.uid && text == "oops")
            }
        }
    }

    @Test("hole 4: an envelope for another twin or another session is refused")
    func wrongDestination() async throws {
        let none = try TestVerifier()
        let named = try TestVerifier(session: "mine")
        let addresses = [
            nil, RelayAddress(twin: 3), RelayAddress(twin: 0), RelayAddress(twin: 2),
            RelayAddress(twin: 2, session: ""),
            RelayAddress(twin: 2, session: "mine"), RelayAddress(twin: 2, session: "min"),
        ]
        for address in addresses {
            let envelope = none.envelope { $0.destination = address }
            if address == RelayAddress(twin: 2) {
                _ = try await none.admits(envelope)
            } else {
                await none.refuses(envelope, .wrongDestination)
            }
            let other = named.envelope { $0.destination = address }
            if address == RelayAddress(twin: 2, session: "mine") {
                _ = try await named.admits(other)
            } else {
                await named.refuses(other, .wrongDestination)
            }
        }
    }

    @Test("hole 5: what has expired is refused and told so, also at the very second and when the deadline overflows")
    func expired() async throws {
        let test = try TestVerifier()
        let now = UInt64(TestVerifier.now.seconds)
        for (timestamp, expiration) in [
            (now - 300, 300), (now - 4000, 100), (now, 0), (0, now), (now, UInt64.max), (UInt64.max, 1),
            (UInt64.max, UInt64.max),
        ] {
            let envelope = test.envelope {
                $0.lifetime = EnvelopeLifetime(timestamp: timestamp, expiration: expiration)
            }
            await test.refuses(envelope, .expired, code: 102)
        }
        _ = try await test.admits(
            test.envelope { $0.lifetime = EnvelopeLifetime(timestamp: now - 299, expiration: 300) })
    }

    @Test("hole 5: what lives longer than 1800 seconds is taken in for 1800 only")
    func capped() async throws {
        let test = try TestVerifier()
        let now = UInt64(TestVerifier.now.seconds)
        let request = try await test.admits(
            test.envelope { $0.lifetime = EnvelopeLifetime(timestamp: now - 1799, expiration: 1 << 40) })
        #expect(request.deadline == TestVerifier.now.seconds + 1)
        await test.refuses(
            test.envelope { $0.lifetime = EnvelopeLifetime(timestamp: now - 1800, expiration: 1 << 40) }, .expired,
            code: 102)
    }

    @Test("hole 5: what is dated more than 60 seconds ahead is refused")
    func early() async throws {
        let test = try TestVerifier()
        let now = UInt64(TestVerifier.now.seconds)
        _ = try await test.admits(
            test.envelope { $0.lifetime = EnvelopeLifetime(timestamp: now + 60, expiration: 300) })
        await test.refuses(
            test.envelope { $0.lifetime = EnvelopeLifetime(timestamp: now + 61, expiration: 300) }, .early, code: 102)
    }

    @Test("hole 5: a request that comes again is known again until its deadline, whatever its signature")
    func replay() async throws {
        let test = try TestVerifier()
        var envelope = test.envelope { $0.lifetime = EnvelopeLifetime(sentAt: TestVerifier.now, seconds: 1800) }
        #expect(try await test.admits(envelope).isFirst)
        envelope.sign(with: test.peer.key)
        #expect(try await test.admits(envelope).isFirst == false)
        test.clock.time.withLock { $0 = UnixTime(seconds: TestVerifier.now.seconds + 1799) }
        #expect(try await test.admits(envelope).isFirst == false)
        test.clock.time.withLock { $0 = UnixTime(seconds: TestVerifier.now.seconds + 1800) }
        await test.refuses(envelope, .expired, code: 102)
    }

    @Test("hole 5: a request dated before the machine's start is refused")
    func beforeStart() async throws {
        let folder = "/tmp/zos-relay-replay-\(UUIDText.random())"
        let machine = MachineStart(id: Array(UUIDText.random().utf8), time: TestVerifier.now)
        defer { unlink(folder) }
        let replays = try ReplayGuard(path: folder, capacity: 16, machine: machine, clock: { TestVerifier.now })
        let digest = [UInt8](repeating: 1, count: 16)
        let now = TestVerifier.now.seconds
        #expect(
            replays.admit(source: 1, digest: digest, now: now - 1, deadline: now + 9, clock: TestVerifier.now)
                == .unknowable)
        #expect(
            replays.admit(source: 1, digest: digest, now: now, deadline: now + 9, clock: TestVerifier.now) == .fresh)
    }

    @Test("hole 6: answers that nobody asked for, or from a twin that was not asked, are refused")
    func unsolicited() async throws {
        let test = try TestVerifier()
        for kind in [RelayEnvelope.Message.response, .error(code: 0, text: "no")] {
            await test.refuses(test.envelope(kind), .unsolicited)
            let forged = test.envelope(kind, from: test.stranger)
            try test.await(forged.uid, from: 7)
            await test.refuses(forged, .unsolicited)
            let right = test.envelope(kind) { $0.uid = forged.uid }
            guard case .answer(let uid, let sender, _) = try await test.verifier.admit(right) else {
                Issue.record("admitted as something else")
                continue
            }
            #expect(uid == forged.uid && sender.id == 7)
        }
    }

    @Test("hole 6: only the first answer counts")
    func firstAnswer() async throws {
        let pending = PendingCalls()
        let events = try pending.open("u", to: 7)
        #expect(!pending.deliver(.success([1]), uid: "u", from: 8))
        #expect(pending.deliver(.success([2]), uid: "u", from: 7))
        #expect(!pending.deliver(.success([3]), uid: "u", from: 7))
        var received: [[UInt8]] = []
        for await case .answer(.success(let bytes)) in events { received.append(bytes) }
        #expect(received == [[2]])
        #expect(pending.count == 0)
    }

    @Test("hole 7: a response that is relabelled as ping, pong, nothing or a request is not acted on")
    func relabelled() async throws {
        let test = try TestVerifier()
        let response = test.envelope(.response)
        try test.await(response.uid, from: 7)
        for (kind, reason) in [
            (RelayEnvelope.Message.ping, EnvelopeRefusal.Reason.kind), (.pong, .kind), (nil, .kind),
            (.request(command: ""), .command),
        ] as [(RelayEnvelope.Message?, EnvelopeRefusal.Reason)] {
            var other = response
            other.message = kind
            await test.refuses(other, reason)
        }
    }

    @Test("hole 7: an error that is relabelled as the request '5oops' is refused")
    func relabelledError() async throws {
        let test = try TestVerifier()
        var envelope = test.envelope(.error(code: 5, text: "oops"))
        envelope.message = .request(command: "5oops")
        await test.refuses(envelope, .command)
    }

    @Test(
        "hole 7: a command that begins with no letter is not answered, one that is no name is unknown",
        arguments: [("", nil), ("5", nil), (".echo", nil), ("_x", nil), ("зос", nil), ("a..b", 0), ("echo say", 0)]
            as [(String, UInt32?)])
    func commands(command: String, code: UInt32?) async throws {
        let test = try TestVerifier()
        await test.refuses(test.envelope(.request(command: command)), .command, code: code)
    }

    @Test("hole 7: plain text that is relabelled as cipher is refused, and cipher as plain never decrypted")
    func relabelledPayload() async throws {
        let test = try TestVerifier()
        var plain = test.envelope()
        plain.payload = .cipher(plain.payload?.bytes ?? [])
        await test.refuses(plain, .encryption, code: 106)
        let shared = try test.peer.encryption.shared(with: test.own.encryption.publicKey)
        let sealed = try shared.seal(Array("2".utf8))
        var cipher = test.envelope { $0.payload = .cipher(sealed) }
        #expect(try await test.admits(cipher).payload == Array("2".utf8))
        // Not taken in before under this reading, but its digest was.
        cipher.payload = .plain(sealed)
        #expect(try await test.admits(cipher).isFirst == false)
    }

    @Test("hole 7: where the operator insists, plain requests are refused")
    func requiresEncryption() async throws {
        var policy = EnvelopeVerifier.Policy()
        policy.requiresEncryption = true
        let test = try TestVerifier(policy: policy)
        await test.refuses(test.envelope(), .plain, code: 106)
    }

    @Test("a cipher is refused by a twin without key, of a sender without key, and of a sender with another key")
    func undecryptable() async throws {
        let none = try TestVerifier(takesEncrypted: false)
        await none.refuses(none.envelope { $0.payload = .cipher([1]) }, .encryption, code: 106)
        let test = try TestVerifier()
        let sealed = try test.stranger.encryption.shared(with: test.own.encryption.publicKey).seal([1])
        await test.refuses(test.envelope { $0.payload = .cipher(sealed) }, .encryption, code: 106)
        test.twins.state.withLock { $0.records[7]?.encryptionKey = nil }
        test.clock.time.withLock { $0 = UnixTime(seconds: $0.seconds + 20) }
        await test.refuses(test.envelope { $0.payload = .cipher(sealed) }, .encryption, code: 105)
    }

    @Test("a sender's new encryption key is found when the remembered one does not open the cipher")
    func changedKey() async throws {
        let test = try TestVerifier()
        _ = try await test.admits(test.envelope())
        let fresh = try EndToEndKey(seed: .random())
        test.twins.state.withLock { $0.records[7]?.encryptionKey = fresh.publicKey }
        test.clock.time.withLock { $0 = UnixTime(seconds: $0.seconds + 20) }
        let sealed = try fresh.shared(with: test.own.encryption.publicKey).seal(Array("3".utf8))
        #expect(try await test.admits(test.envelope { $0.payload = .cipher(sealed) }).payload == Array("3".utf8))
    }

    @Test("hole 8: digits that slide between time and lifetime, or twin and session, gain nothing")
    func sliding() async throws {
        let test = try TestVerifier()
        let now = UInt64(TestVerifier.now.seconds)
        var envelope = test.envelope {
            $0.lifetime = EnvelopeLifetime(timestamp: now, expiration: 1300)
            $0.destination = RelayAddress(twin: 2)
        }
        let digest = envelope.digest
        envelope.lifetime = EnvelopeLifetime(timestamp: now * 10 + 1, expiration: 300)
        #expect(envelope.digest == digest)
        await test.refuses(envelope, .early, code: 102)
        envelope.lifetime = EnvelopeLifetime(timestamp: now / 10, expiration: (now % 10) * 10000 + 1300)
        #expect(envelope.digest == digest)
        await test.refuses(envelope, .expired, code: 102)
        var other = test.envelope { $0.destination = RelayAddress(twin: 23) }
        other.destination = RelayAddress(twin: 2, session: "3")
        await test.refuses(other, .wrongDestination)
        #expect(throws: RMBError.self) { try SessionName("3") }
    }

    @Test("hole 9: a signature with bytes behind it, or with fewer, is refused", arguments: [64, 66, 130, 1])
    func signatureLength(length: Int) async throws {
        let test = try TestVerifier()
        var envelope = test.envelope()
        let signature = try #require(envelope.signature)
        envelope.signature = Array((signature + signature).prefix(length))
        await test.refuses(envelope, .signature)
    }

    @Test("hole 15: an envelope of more than 1 MiB is refused before it is read")
    func tooLarge() {
        #expect(throws: RMBError.self) { try RelayEnvelope(parsing: [UInt8](repeating: 0, count: 1 << 20 + 1)) }
    }

    @Test("hole 15: a twin that asks too often is refused, another one is not")
    func rate() async throws {
        let test = try TestVerifier(limits: TwinLimits(.init(perSecond: 0.001, burst: 2)))
        for _ in 0..<2 { _ = try await test.admits(test.envelope()) }
        await test.refuses(test.envelope(), .rate, code: 500)
        // What is not proven to be the twin's does not count against it.
        await test.refuses(
            test.envelope(from: test.peer) { $0.source = RelayAddress(twin: 8) }, .signature, code: 104)
        for _ in 0..<2 { _ = try await test.admits(test.envelope(from: test.stranger)) }
    }

    @Test("requests of unknown twins, and while the ledger is away, are told so with the grid's codes")
    func senders() async throws {
        let test = try TestVerifier()
        await test.refuses(test.envelope { $0.source = RelayAddress(twin: 99) }, .unknownTwin, code: 103)
        test.twins.state.withLock { $0.outage = "gone" }
        await test.refuses(test.envelope(), .unavailable, code: 500)
    }

    @Test("a request without JSON schema or without payload is not answered")
    func incomplete() async throws {
        let test = try TestVerifier()
        await test.refuses(test.envelope { $0.schema = nil }, .schema)
        await test.refuses(test.envelope { $0.schema = "text/plain" }, .schema)
        await test.refuses(test.envelope { $0.payload = nil }, .payload)
        await test.refuses(test.envelope { $0.uid = "" }, .malformed)
        // Answers repeat it: together with a large result it would be more than a relay takes.
        await test.refuses(test.envelope { $0.uid = String(repeating: "u", count: 257) }, .malformed)
    }

    @Test("over-long names of sessions are refused: in envelopes, in tokens and as our own")
    func longSessions() throws {
        let test = try TestVerifier()
        let name = String(repeating: "s", count: 91)
        for change in [
            { (envelope: inout RelayEnvelope) in envelope.source = RelayAddress(twin: 7, session: name) },
            { $0.destination = RelayAddress(twin: 2, session: name) },
        ] {
            let bytes = test.envelope { change(&$0) }.encoded
            #expect(throws: RMBError.self) { try RelayEnvelope(parsing: bytes) }
        }
        #expect(throws: RMBError.self) { try SessionName(name) }
        let longest = try SessionName(String(name.dropLast()))
        let token = RelayToken.make(for: .max, session: longest, key: test.peer.key, at: TestVerifier.now)
        // Go peers sign a hash of what is longer, and relays refuse that.
        #expect(token.utf8.prefix { $0 != UInt8(ascii: ".") }.count > 0)
        #expect(token.split(separator: ".").prefix(2).joined(separator: ".").utf8.count <= 256)
        #expect(try RelayToken(parsing: token).address.session == longest.description)
    }
}
