import Baseline
import CCrypto
import CSodium
import Foundation
import JSON
import RMB
import Signatures

/// Processor time of taking in one encrypted request that came by relay, and the way of a whole call through a relay,
/// each against its cryptography alone.
enum RelayMeasure {
    private static let warmUp = 500
    private static let calls = 4_000
    private static let envelopes = 20_000
    private static let callers = 16
    private static let payload: JSONValue = ["contract_id": 12, "name": "net"]

    static func take() async throws -> [Measurement] {
        let bare = try Cryptography.measure(payload: Array(payload.text.utf8))
        let verified = try await verification()
        let trip = try await TemporaryFolder.with("relay") { try await load($0) }
        let all = 2 * (bare.sign + bare.verify + bare.seal + bare.open)
        return [
            Measurement(
                name: "relay envelope",
                meaning: "CPU per envelope read, checked and decrypted ÷ ed25519 verify + AES-256-GCM open",
                ratio: verified / (bare.verify + bare.open), aim: .atMost(1.5),
                figures: [
                    .init("CPU per envelope", verified.microseconds, "µs"),
                    .init("one verification", bare.verify.microseconds, "µs"),
                    .init("one decryption, \(payload.text.utf8.count) bytes", bare.open.microseconds, "µs"),
                ]),
            Measurement(
                name: "relay round trip",
                meaning:
                    "p50 of a call through a relay, four passes between processes ÷ all signing and encrypting in it",
                ratio: trip.middle / all, aim: .atMost(4),
                figures: [
                    .init("p50 of a call, one after the other", trip.middle.microseconds, "µs"),
                    .init("p99", trip.upper.microseconds, "µs"),
                    .init("all its cryptography, both ends", all.microseconds, "µs"),
                    .init("node CPU per call", trip.node.microseconds, "µs"),
                    .init("relay CPU per call", trip.relay.microseconds, "µs"),
                    .init("calls per second, \(callers) callers beside it", trip.throughput, "/s"),
                ]),
        ]
    }

    /// Nanoseconds per envelope, in this process and without any connection.
    private static func verification() async throws -> Double {
        let twins = RelayPeers.Twins()
        let directory = CachedTwinDirectory(twins)
        let verifier = EnvelopeVerifier(
            own: RelayAddress(twin: 2), senders: SenderCheck(keys: directory), directory: directory,
            keys: SharedKeys(own: try RelayPeers.encryption(of: 2)),
            replayGuard: try ReplayGuard(volatileCapacity: envelopes + warmUp)
        ) { _, _ in false }
        let shared = try RelayPeers.encryption(of: 1).shared(with: RelayPeers.encryption(of: 2).publicKey)
        let (key, text) = (try RelayPeers.identity(of: 1).key, Array(payload.text.utf8))
        let wires = try (0..<envelopes + warmUp).map { number in
            var envelope = RelayEnvelope()
            envelope.uid = "4c1d4b6e-0c2f-4f0e-9a07-\(100_000_000_000 + number)"
            envelope.lifetime = EnvelopeLifetime(sentAt: UnixTime.now())
            envelope.source = RelayAddress(twin: 1, session: "cli")
            envelope.destination = RelayAddress(twin: 2)
            envelope.message = .request(command: BusServer.command)
            envelope.schema = RelayEnvelope.jsonSchema
            envelope.federation = RelayPeers.relay
            envelope.relays = [RelayPeers.relay]
            envelope.payload = .cipher(try shared.seal(text))
            envelope.sign(with: key)
            return envelope.encoded
        }
        for wire in wires.prefix(warmUp) { _ = try await verifier.admit(RelayEnvelope(parsing: wire)) }
        let started = bench_cpu_time(getpid())
        for wire in wires.dropFirst(warmUp) { _ = try await verifier.admit(RelayEnvelope(parsing: wire)) }
        return Double(bench_cpu_time(getpid()) - started) / Double(envelopes)
    }

    private struct Trip: Sendable {
        var middle: Double
        var upper: Double
        var node: Double
        var relay: Double
        var throughput: Double
    }

    private static func load(_ folder: String) async throws -> Trip {
        let relay = try RelayProcess("relay", [folder])
        defer { relay.end() }
        let node = try RelayProcess("relay-node", [folder, "\(relay.number)"])
        defer { node.end() }
        let (relayPid, nodePid) = (relay.pid, node.pid)
        let peer = try RelayPeers.peer(
            1, relayPort: relay.number, router: Router(), replays: try ReplayGuard(volatileCapacity: 16))
        return try await peer.whileRunning { caller in
            for _ in 0..<warmUp { try await call(caller) }
            let (nodeBefore, relayBefore) = (bench_cpu_time(nodePid), bench_cpu_time(relayPid))
            var times: [Int64] = []
            for _ in 0..<calls {
                let started = bench_now()
                try await call(caller)
                times.append(Int64(bench_now() - started))
            }
            times.sort()
            let (nodeTime, relayTime) = (bench_cpu_time(nodePid) - nodeBefore, bench_cpu_time(relayPid) - relayBefore)
            let started = bench_now()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask { for _ in 0..<(calls / callers) { try await call(caller) } }
                }
                try await group.waitForAll()
            }
            let seconds = Double(bench_now() - started) / 1e9
            return Trip(
                middle: Double(times[calls / 2]), upper: Double(times[calls * 99 / 100]),
                node: Double(nodeTime) / Double(calls), relay: Double(relayTime) / Double(calls),
                throughput: Double(calls) / seconds)
        }
    }

    private static func call(_ caller: RelayCaller) async throws {
        let answer = try await caller.call(BusServer.command, at: 2, payload: payload)
        guard answer == payload else { throw BenchError("the node answered \(answer.text)") }
    }
}

/// Nanoseconds of processor time that the libraries need by themselves.
private struct Cryptography {
    var sign: Double
    var verify: Double
    var seal: Double
    var open: Double

    static func measure(payload: [UInt8]) throws -> Cryptography {
        let rounds = 5_000
        var (open, secret) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 64))
        var signature = [UInt8](repeating: 0, count: 64)
        let message = [UInt8](repeating: 7, count: 16)
        guard sodium_init() >= 0, crypto_sign_keypair(&open, &secret) == 0 else { throw BenchError("no libsodium") }
        func time(_ work: () throws -> Void) rethrows -> Double {
            let started = bench_cpu_time(getpid())
            for _ in 0..<rounds { try work() }
            return Double(bench_cpu_time(getpid()) - started) / Double(rounds)
        }
        let sign = time { crypto_sign_detached(&signature, nil, message, 16, secret) }
        let verify = try time {
            guard crypto_sign_verify_detached(signature, message, 16, open) == 0 else {
                throw BenchError("libsodium refuses its own signature")
            }
        }
        let (key, nonce) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 12))
        var (sealed, plain) = (payload, payload)
        var tag = [UInt8](repeating: 0, count: 16)
        var (written, rest): (Int32, [UInt8]) = (0, [0])
        let length = Int32(payload.count)
        let seal = try time {
            let context = EVP_CIPHER_CTX_new()
            defer { EVP_CIPHER_CTX_free(context) }
            guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
                EVP_EncryptUpdate(context, &sealed, &written, payload, length) == 1,
                EVP_EncryptFinal_ex(context, &rest, &written) == 1,
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
            else { throw BenchError("libcrypto does not encrypt") }
        }
        let opened = try time {
            let context = EVP_CIPHER_CTX_new()
            defer { EVP_CIPHER_CTX_free(context) }
            guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
                EVP_DecryptUpdate(context, &plain, &written, sealed, length) == 1,
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1,
                EVP_DecryptFinal_ex(context, &rest, &written) == 1
            else { throw BenchError("libcrypto does not decrypt") }
        }
        return Cryptography(sign: sign, verify: verify, seal: seal, open: opened)
    }
}
