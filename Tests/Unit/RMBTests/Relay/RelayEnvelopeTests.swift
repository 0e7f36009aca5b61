import JSON
import Signatures
import TestVectors
import Testing

@testable import RMB

@Suite("Relay envelope")
struct RelayEnvelopeTests {
    @Test(
        "addresses are read and written",
        arguments: [
            ("7", RelayAddress(twin: 7)), ("7:cli", RelayAddress(twin: 7, session: "cli")),
            ("7:", RelayAddress(twin: 7, session: "")), ("7:a:b", RelayAddress(twin: 7, session: "a:b")),
            ("4294967295", RelayAddress(twin: .max)),
        ])
    func addresses(text: String, address: RelayAddress) {
        #expect(RelayAddress(text) == address)
        #expect(address.description == text)
    }

    @Test("other texts are no addresses", arguments: ["", ":", ":7", "+7", "-1", "4294967296", "7 ", "x"])
    func noAddresses(text: String) {
        #expect(RelayAddress(text) == nil)
    }

    @Test("sessions are compared byte by byte, and none is not the empty one")
    func sessions() {
        #expect(RelayAddress(twin: 1) != RelayAddress(twin: 1, session: ""))
        // Both are é, which Swift's own comparison takes for the same.
        #expect(RelayAddress(twin: 1, session: "\u{e9}") != RelayAddress(twin: 1, session: "e\u{301}"))
    }

    @Test("names of sessions: none with a digit in front, none empty, no other characters")
    func sessionNames() throws {
        for name in ["", "1a", "a b", "a/b", "é", "a:b"] { #expect(throws: RMBError.self) { try SessionName(name) } }
        for name in ["a", "a1", "-", "_x.y"] { #expect(try SessionName(name).description == name) }
        #expect(SessionName.random() != SessionName.random())
    }

    @Test("too many relays in an envelope are refused")
    func relays() throws {
        var envelope = RelayEnvelope()
        envelope.relays = Array(repeating: "", count: 65)
        #expect(throws: RMBError.self) { try RelayEnvelope(parsing: envelope.encoded) }
        envelope.relays.removeLast()
        #expect(try RelayEnvelope(parsing: envelope.encoded) == envelope)
    }

    @Test("random changes of an envelope never crash the reader, and never verify")
    func noise() async throws {
        let file = try VectorFile.load("rmb-relay.json")
        let wires = try (file["cases"]?.arrayValue ?? []).compactMap { $0["wire_hex"]?.stringValue }
            .map { try Hex.decode($0) }.filter { !$0.isEmpty }
        #expect(wires.count > 50)
        for wire in wires {
            for _ in 0..<40 {
                var changed = wire
                switch Sodium.random(1)[0] % 4 {
                case 0: changed = Array(changed.prefix(Int(Sodium.random(1)[0]) % changed.count))
                case 1: changed += Sodium.random(5)
                default:
                    for byte in Sodium.random(3) { changed[Int(byte) % changed.count] = Sodium.random(1)[0] }
                }
                // Either outcome will do.
                guard let envelope = try? RelayEnvelope(parsing: changed) else { continue }
                _ = envelope.digest
                _ = try? envelope.lifetime.deadline(at: UnixTime(seconds: 1_795_403_087))
                _ = envelope.lifetime.restamped(at: UnixTime(seconds: .max))
                _ = envelope.isFailFast
            }
        }
    }

    @Test("random changes of a token never crash the reader, and are never let in")
    func tokenNoise() throws {
        let key = KeyPair.generate(scheme: .ed25519)
        let now = UnixTime(seconds: 1_795_403_087)
        let token = Array(RelayToken.make(for: 7, session: try SessionName("cli"), key: key, at: now).utf8)
        for _ in 0..<2000 {
            var changed = token
            for byte in Sodium.random(2) { changed[Int(byte) % changed.count] = Sodium.random(1)[0] % 128 }
            guard changed != token else { continue }
            #expect(throws: RMBError.self) {
                try RelayToken(parsing: String(decoding: changed, as: UTF8.self)).verify(by: key.publicKey, at: now)
            }
        }
    }

    @Test("lifetimes survive every extreme without a trap")
    func extremes() {
        let values: [UInt64] = [0, 1, 60, 1800, 1801, UInt64(Int64.max), UInt64(Int64.max) + 1, .max - 1, .max]
        let clocks: [Int64] = [.min, -1, 0, 1, 1_795_403_087, .max - 1, .max]
        for timestamp in values {
            for expiration in values {
                for clock in clocks {
                    let lifetime = EnvelopeLifetime(timestamp: timestamp, expiration: expiration)
                    let now = UnixTime(seconds: clock)
                    if let deadline = try? lifetime.deadline(at: now) {
                        #expect(deadline > max(0, clock))
                        #expect(deadline - max(0, clock) <= 1860)
                    }
                    #expect(lifetime.restamped(at: now).timestamp == UInt64(max(0, clock)))
                    _ = EnvelopeLifetime(sentAt: now, seconds: expiration)
                }
            }
        }
    }

    @Test("base64 of addresses: no padding, no other alphabet, no loose bits")
    func base64() {
        for bytes in [[], [0], [255, 254], [1, 2, 3], [251, 239, 190, 255]] as [[UInt8]] {
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for text in ["A", "AA==", "AB", "a+b/", "A A", "AAAAA"] { #expect(Base64URL.decode(text) == nil) }
    }
}
