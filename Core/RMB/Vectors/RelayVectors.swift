import JSON
import Signatures

/// Runs the cases of a file in the format of `Tests/Vectors/rmb-relay.json` through the code that peers run.
public struct RelayVectors: Sendable {
    private let keys: [String: JSONValue]
    private let twins: VectorTwins

    /// - Parameter file: the whole file; its `keys` are the test signers, its `extra_twins` are further twins.
    public init(file: JSONValue) {
        let list = file["keys"]?.arrayValue ?? []
        keys = Dictionary(list.map { ($0["name"]?.stringValue ?? "", $0) }, uniquingKeysWith: { $1 })
        let relay = file["twin_relay_field"]?.stringValue
        var records: [UInt32: TwinRecord] = [:]
        for entry in list + (file["extra_twins"]?.arrayValue ?? []) {
            guard let id = entry["twin"]?.uint64Value.flatMap(UInt32.init(exactly:)),
                let bytes = try? Hex.decode(entry["public_key_hex"]?.stringValue ?? ""),
                let key = try? PublicKey(bytes: bytes)
            else { continue }
            let isSigner = entry["name"] != nil
            records[id] = TwinRecord(
                key: key, relay: isSigner ? relay : entry["relay"]?.stringValue,
                encryptionKey: entry["e2e_public_key_hex"]?.stringValue.flatMap { try? Hex.decode($0) })
        }
        twins = VectorTwins(records: records)
    }

    /// Runs one member of the file's `cases`. Never throws: what is unreadable has failed.
    public func run(_ vector: JSONValue) async -> VectorVerdict {
        do {
            switch vector["kind"]?.stringValue {
            case "envelope", "envelope_from_peer": return try await envelope(vector)
            case "relay_error": return try await relayError(vector)
            case "policy": return try await policy(vector)
            case "challenge_missing_address": return try await missingAddress(vector)
            case "jwt": return try token(vector)
            case "ttl", "stamp": return try lifetime(vector)
            case "fail_fast": return try failFast(vector)
            case "ecdh": return try agreement(vector)
            case "cipher": return try cipher(vector)
            case "aes_gcm": return try fixedNonce(vector)
            case let kind: return .notApplicable("unknown kind \(kind ?? "none")")
            }
        } catch {
            return .failed("\(error)")
        }
    }

    /// Structure and signature alone, then what is inside.
    private func envelope(_ vector: JSONValue) async throws -> VectorVerdict {
        let wire = try Hex.decode(text(vector, "wire_hex"))
        let isAccepted = vector["must_accept"]?.boolValue == true
        let envelope: RelayEnvelope
        do throws(RMBError) {
            envelope = try RelayEnvelope(parsing: wire)
        } catch {
            return .expect(vector["parse_error"]?.boolValue == true, "not read: \(error)")
        }
        guard vector["parse_error"]?.boolValue != true else { return .failed("read what is no envelope") }
        if let difference = try difference(envelope, vector) { return .failed(difference) }
        do throws(RMBError) {
            let check = SenderCheck(keys: twins)
            _ = try await check.twin(envelope.source?.twin ?? 0, signed: envelope.digest) { () throws(RMBError) in
                try envelope.typedSignature()
            }
        } catch {
            return .expect(!isAccepted, "refused: \(error)")
        }
        guard isAccepted else { return .failed("accepted") }
        guard let plain = vector["recipient_plaintext_hex"]?.stringValue else { return .passed }
        return .expect(
            try payload(of: envelope, for: text(vector, "recipient")) == Hex.decode(plain), "another payload")
    }

    /// How an envelope differs from what the file says about it; nil if in nothing.
    private func difference(_ envelope: RelayEnvelope, _ vector: JSONValue) throws -> String? {
        if let expected = vector["envelope"], try RelayEnvelope(vector: expected) != envelope {
            return "read as \(envelope)"
        }
        if try RelayEnvelope(parsing: envelope.encoded) != envelope { return "changed by writing and reading" }
        if let expected = vector["challenge_preimage_hex"]?.stringValue, Hex.encode(envelope.challenge) != expected {
            return "the challenge is \(Hex.encode(envelope.challenge))"
        }
        if let expected = vector["challenge_md5_hex"]?.stringValue, Hex.encode(envelope.digest) != expected {
            return "the digest is \(Hex.encode(envelope.digest))"
        }
        return nil
    }

    private func payload(of envelope: RelayEnvelope, for recipient: String) throws -> [UInt8]? {
        guard case .cipher(let sealed) = envelope.payload else { return envelope.payload?.bytes }
        guard let sender = envelope.source.flatMap({ twins.records[$0.twin]?.encryptionKey }) else { return nil }
        return try encryptionKey(recipient).shared(with: sender).open(sealed)
    }

    /// With and without a request that waits for it.
    private func relayError(_ vector: JSONValue) async throws -> VectorVerdict {
        let envelope = try RelayEnvelope(parsing: Hex.decode(text(vector, "wire_hex")))
        if try envelope.challenge != Hex.decode(text(vector, "challenge_preimage_hex_go")) {
            return .failed("the challenge is \(Hex.encode(envelope.challenge))")
        }
        var isError = false
        if case .error = envelope.message { isError = true }
        let words = try text(vector, "incoming_result_upstream_go")
        for isAwaited in [true, false] {
            let verifier = try verifier(
                own: envelope.destination ?? RelayAddress(twin: 0), clock: envelope.lifetime.timestamp,
                awaits: isAwaited)
            do throws(EnvelopeRefusal) {
                guard case .relayError(_, let got) = try await verifier.admit(envelope) else {
                    return .failed("admitted as something else")
                }
                guard isAwaited, isError, got == words else { return .failed("admitted: \(got)") }
            } catch {
                guard !(isAwaited && isError), error.reason == .noSource else { return .failed("refused: \(error)") }
            }
        }
        return .passed
    }

    private func policy(_ vector: JSONValue) async throws -> VectorVerdict {
        let envelope = try RelayEnvelope(parsing: Hex.decode(text(vector, "wire_hex")))
        if let difference = try difference(envelope, vector) { return .failed(difference) }
        let twin = vector["own_twin"]?.uint64Value.flatMap(UInt32.init(exactly:)) ?? 0
        let verifier = try verifier(
            own: RelayAddress(twin: twin, session: vector["own_session"]?.stringValue),
            clock: vector["clock"]?.uint64Value ?? 0, awaits: false)
        let verdict = try text(vector, "our_verdict")
        do throws(EnvelopeRefusal) {
            _ = try await verifier.admit(envelope)
            return .expect(verdict == "accept", "accepted")
        } catch {
            return .expect(
                verdict == "refuse" || verdict == "ignore" && error.code == nil, "refused: \(error)")
        }
    }

    private func missingAddress(_ vector: JSONValue) async throws -> VectorVerdict {
        var envelope = RelayEnvelope()
        envelope.uid = try text(vector, "uid")
        envelope.lifetime = EnvelopeLifetime(timestamp: 1_700_000_000, expiration: 10)
        func address(_ name: String) -> RelayAddress? {
            vector[name]?.uint64Value.flatMap(UInt32.init(exactly:)).map { RelayAddress(twin: $0) }
        }
        envelope.source = address("source_twin")
        envelope.destination = address("destination_twin")
        guard try envelope.challenge == Array(text(vector, "preimage_go").utf8) else {
            return .failed("the challenge is \(String(decoding: envelope.challenge, as: UTF8.self))")
        }
        let verifier = try verifier(own: RelayAddress(twin: 9), clock: 1_700_000_000, awaits: true)
        do throws(EnvelopeRefusal) {
            _ = try await verifier.admit(envelope)
            return .failed("admitted")
        } catch {
            return .passed
        }
    }

    private func token(_ vector: JSONValue) throws -> VectorVerdict {
        let key = try PublicKey(bytes: Hex.decode(text(vector, "public_key_hex")))
        for decision in vector["relay_decision"]?.arrayValue ?? [] {
            let now = UnixTime(seconds: decision["now"]?.int64Value ?? 0)
            let isExpected = decision["accept"]?.boolValue == true
            do throws(RMBError) {
                try RelayToken(parsing: text(vector, "token")).verify(by: key, at: now)
                guard isExpected else { return .failed("let in at \(now.seconds)") }
            } catch {
                guard !isExpected else { return .failed("not let in at \(now.seconds): \(error)") }
            }
        }
        return .passed
    }

    private func lifetime(_ vector: JSONValue) throws -> VectorVerdict {
        let lifetime = EnvelopeLifetime(
            timestamp: vector["timestamp"]?.uint64Value ?? 0, expiration: vector["expiration"]?.uint64Value ?? 0)
        let now = UnixTime(seconds: vector["now"]?.int64Value ?? 0)
        if vector["kind"]?.stringValue == "ttl" {
            return .expect(
                lifetime.remaining(at: now) == vector["ttl_seconds"]?.uint64Value,
                "left: \(lifetime.remaining(at: now).map(String.init) ?? "nothing")")
        }
        let stamped = lifetime.restamped(at: now)
        return .expect(
            stamped.timestamp == vector["new_timestamp"]?.uint64Value
                && stamped.expiration == vector["new_expiration"]?.uint64Value, "stamped \(stamped)")
    }

    private func failFast(_ vector: JSONValue) throws -> VectorVerdict {
        var envelope = RelayEnvelope()
        envelope.tags = try text(vector, "tags")
        return .expect(envelope.isFailFast == vector["fail_fast"]?.boolValue, "read as \(envelope.isFailFast)")
    }

    private func agreement(_ vector: JSONValue) throws -> VectorVerdict {
        let expected = try text(vector, "aes_key_hex")
        for (secret, own, other) in [
            ("private_a_hex", "public_a_hex", "public_b_hex"), ("private_b_hex", "public_b_hex", "public_a_hex"),
        ] {
            let bytes = try Hex.decode(text(vector, secret))
            let peer = try Hex.decode(text(vector, other))
            let key = try EndToEndKey(seed: Seed(bytes: bytes))
            guard try Hex.encode(key.publicKey) == text(vector, own) else { return .failed("another public key") }
            let x = Secp256k1.shared.sharedX(secret: bytes, publicKey: peer)
            guard try x.map({ Hex.encode($0) }) == text(vector, "shared_x_hex") else { return .failed("another x") }
            guard try key.shared(with: peer).withBytes({ Hex.encode($0) }) == expected else {
                return .failed("another key")
            }
        }
        return .passed
    }

    private func cipher(_ vector: JSONValue) throws -> VectorVerdict {
        let isValid = vector["valid"]?.boolValue == true
        do {
            let own = try EndToEndKey(seed: Seed(bytes: Hex.decode(text(vector, "recipient_private_hex"))))
            let shared = try own.shared(with: Hex.decode(text(vector, "sender_public_hex")))
            let sealed = try Hex.decode(text(vector, "cipher_hex"))
            let plain = try shared.open(sealed)
            guard isValid, try Hex.encode(plain) == text(vector, "plaintext_hex") else {
                return .failed("opened: \(Hex.encode(plain))")
            }
            if let expected = vector["aes_key_hex"]?.stringValue, shared.withBytes({ Hex.encode($0) }) != expected {
                return .failed("another key")
            }
            return .expect(try shared.seal(plain, nonce: Array(sealed.prefix(12))) == sealed, "sealed differently")
        } catch let error as RMBError {
            return .expect(!isValid, "\(error)")
        }
    }

    private func fixedNonce(_ vector: JSONValue) throws -> VectorVerdict {
        let key = try SharedKey(bytes: Hex.decode(text(vector, "aes_key_hex")))
        let plain = try Hex.decode(text(vector, "plaintext_hex"))
        let sealed = try key.seal(plain, nonce: Hex.decode(text(vector, "nonce_hex")))
        guard try Hex.encode(sealed) == text(vector, "cipher_hex") else {
            return .failed("sealed: \(Hex.encode(sealed))")
        }
        return .expect(try key.open(sealed) == plain, "opened differently")
    }

    private func verifier(own: RelayAddress, clock: UInt64, awaits: Bool) throws -> EnvelopeVerifier {
        let now = UnixTime(seconds: Int64(clamping: clock))
        return EnvelopeVerifier(
            own: own, senders: SenderCheck(keys: twins), directory: twins, keys: nil,
            replayGuard: try ReplayGuard(volatileCapacity: 4), clock: { now }
        ) { _, _ in awaits }
    }

    private func encryptionKey(_ name: String) throws -> EndToEndKey {
        guard let key = keys[name], let scheme = KeyScheme(rawValue: key["type"]?.stringValue ?? "") else {
            throw RMBError(.malformed, "the file has no key \(name)")
        }
        return try EndToEndKey(seed: SecretURI(key["secret_uri"]?.stringValue ?? "").seed(scheme: scheme))
    }

    private func text(_ vector: JSONValue, _ name: String) throws(RMBError) -> String {
        guard let text = vector[name]?.stringValue else { throw RMBError(.malformed, "the case has no \(name)") }
        return text
    }
}

/// The twins of a vector file.
private struct VectorTwins: TwinDirectory, TwinKeys {
    let records: [UInt32: TwinRecord]

    func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
        records[twin].map(TwinLookup.found) ?? .absent
    }

    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        records[twin].map { .found($0.key) } ?? .absent
    }
}

extension RelayEnvelope {
    /// The envelope that a vector file spells out.
    fileprivate init(vector: JSONValue) throws {
        self.init()
        func number<Number: FixedWidthInteger>(_ value: JSONValue?) -> Number {
            value?.uint64Value.flatMap(Number.init(exactly:)) ?? 0
        }
        func address(_ value: JSONValue?) -> RelayAddress? {
            guard let value, !value.isNull else { return nil }
            return RelayAddress(twin: number(value["twin"]), session: value["connection"]?.stringValue)
        }
        uid = vector["uid"]?.stringValue ?? ""
        tags = vector["tags"]?.stringValue
        lifetime = EnvelopeLifetime(
            timestamp: number(vector["timestamp"]), expiration: number(vector["expiration"]))
        source = address(vector["source"])
        destination = address(vector["destination"])
        schema = vector["schema"]?.stringValue
        federation = vector["federation"]?.stringValue
        relays = (vector["relays"]?.arrayValue ?? []).compactMap(\.stringValue)
        signature = try vector["signature_hex"]?.stringValue.map { try Hex.decode($0) }
        if let request = vector["request"] { message = .request(command: request["command"]?.stringValue ?? "") }
        if vector["response"] != nil { message = .response }
        if vector["ping"] != nil { message = .ping }
        if vector["pong"] != nil { message = .pong }
        if let error = vector["error"] {
            message = .error(code: number(error["code"]), text: error["message"]?.stringValue ?? "")
        }
        if let plain = vector["plain_hex"]?.stringValue { payload = .plain(try Hex.decode(plain)) }
        if let cipher = vector["cipher_hex"]?.stringValue { payload = .cipher(try Hex.decode(cipher)) }
    }
}
