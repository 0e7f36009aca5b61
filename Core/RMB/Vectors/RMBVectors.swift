import JSON
import Signatures

/// Runs the cases of a file in the format of `Tests/Vectors/rmb-direct.json` through the code that the node runs.
public struct RMBVectors: Sendable {
    private let keys: [String: JSONValue]

    /// - Parameter file: the whole file; its `keys` are the test signers.
    public init(file: JSONValue) {
        keys = Dictionary(
            (file["keys"]?.arrayValue ?? []).map { ($0["name"]?.stringValue ?? "", $0) }, uniquingKeysWith: { $1 })
    }

    /// Runs one member of the file's `cases`. Never throws: what is unreadable has failed.
    public func run(_ vector: JSONValue) async -> VectorVerdict {
        do {
            switch vector["kind"]?.stringValue {
            case "signature": return try signature(vector)
            case "epoch": return try epoch(vector)
            case "http": return try await http(vector)
            case "policy": return try await policy(vector)
            case "http_result": return try storedResults(vector)
            case let kind: return .notApplicable("unknown kind \(kind ?? "none")")
            }
        } catch {
            return .failed("\(error)")
        }
    }

    private func signature(_ vector: JSONValue) throws -> VectorVerdict {
        let text = try member(vector, "message_json").text
        let message = try RMBMessage(parsing: Array(text.utf8))
        guard try message.challenge == Array(member(vector, "challenge_preimage").text.utf8) else {
            return .failed("the challenge is \(String(decoding: message.challenge, as: UTF8.self))")
        }
        guard try Hex.encode(message.digest) == member(vector, "challenge_md5_hex").text else {
            return .failed("the digest is \(Hex.encode(message.digest))")
        }
        guard message.encoded == Array(text.utf8) else {
            return .failed("the message is written \(String(decoding: message.encoded, as: UTF8.self))")
        }
        let key = try PublicKey(bytes: Hex.decode(member(vector, "verify_public_key_hex").text))
        let isValid = try member(vector, "valid").boolValue == true
        do {
            try message.verifySignature(by: key)
        } catch {
            if isValid { return message.signature.utf8.count == 130 ? .failed(error.message) : .stricter }
            return try .expect(error.message == member(vector, "error").text, "refused with: \(error.message)")
        }
        guard isValid else { return .failed("a wrong signature was accepted") }
        return try reproduced(vector, message)
    }

    /// ed25519 signatures are deterministic: signing again must give the same.
    private func reproduced(_ vector: JSONValue, _ message: RMBMessage) throws -> VectorVerdict {
        guard message.signature.hasPrefix("65"), let signer = vector["signed_by"]?.stringValue,
            vector["verify_with"]?.stringValue == signer
        else { return .passed }
        var again = message
        again.sign(with: try keyPair(signer), at: UnixTime(seconds: message.now))
        return .expect(again.signature == message.signature.lowercased(), "signed again: \(again.signature)")
    }

    private func epoch(_ vector: JSONValue) throws -> VectorVerdict {
        guard let offset = vector["now_offset_seconds"]?.int64Value else { return .failed("no offset") }
        let clock = UnixTime(seconds: 1_795_403_087, nanoseconds: 44_830_405)
        let isAccepted = try member(vector, "accepted").boolValue == true
        do {
            try Freshness.check(now: clock.seconds + offset, clock: clock)
            return .expect(isAccepted, "accepted")
        } catch {
            if error.code == .tooEarly && isAccepted { return .stricter }
            let hasShape =
                error.message.hasPrefix("message is too old, sent since ")
                && error.message.hasSuffix(", sent time: \(clock.seconds + offset), now: \(clock.seconds)")
            return .expect(!isAccepted && hasShape, "refused with: \(error.message)")
        }
    }

    private func policy(_ vector: JSONValue) async throws -> VectorVerdict {
        let body = try member(vector, "request_body").text
        let message = try RMBMessage(parsing: Array(body.utf8))
        let signer = try keyPair(member(vector, "signed_by").text)
        let node = try VectorNode(
            ownTwin: vector["own_twin"]?.int64Value.flatMap(UInt32.init(exactly:)) ?? 0,
            clock: UnixTime(seconds: vector["clock"]?.int64Value ?? message.now),
            lookup: .found(signer.publicKey))
        let reply = await node.serve(path: try member(vector, "path").text, body: body)
        let verdict = try member(vector, "our_verdict").text
        return .expect(
            (reply.status == 200) == (verdict == "accept"),
            "answered \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
    }

    private func http(_ vector: JSONValue) async throws -> VectorVerdict {
        let body = try member(vector, "request_body").text
        let expected = try member(vector, "response_body").text
        let status = vector["status"]?.uint64Value
        let message = try? RMBMessage(parsing: Array(body.utf8))
        let isTooOld = expected.contains("message is too old")
        let now = message?.now ?? 0
        let node = try VectorNode(
            ownTwin: message?.destinations?.first.flatMap(UInt32.init(exactly:)) ?? 0,
            clock: isTooOld ? UnixTime(seconds: now + 3600, nanoseconds: 1) : UnixTime(seconds: now),
            lookup: lookup(of: message, expected: expected))
        let reply = await node.serve(path: try member(vector, "path").text, body: body)
        let text = String(decoding: reply.body, as: UTF8.self)
        if status == 200 && reply.status == 400 { return .stricter }
        guard UInt64(reply.status) == status else { return .failed("answered \(reply.status) \(text)") }
        if isTooOld {
            let (start, end) = ("{\"Status\":\"error\",\"Message\":\"message is too old, sent since ", "\"}\n")
            return .expect(
                text.hasPrefix(start) && text.hasSuffix(end) && text.contains(", sent time: \(now), now: "),
                "answered \(text)")
        }
        if let queue = try? JSONValue.parsingFirst(of: reply.body).value["retqueue"]?.stringValue {
            return .expect(
                UUIDText.isResultQueue(queue) && text == "{\"retqueue\":\"\(queue)\"}\n"
                    && expected.hasPrefix("{\"retqueue\":\""), "answered \(text)")
        }
        return .expect(text.utf8.elementsEqual(expected.utf8), "answered \(text)")
    }

    /// What the ledger says in this case: the recorded answer tells, else the signer is one of the file's keys.
    private func lookup(of message: RMBMessage?, expected: String) -> KeyLookup {
        guard let message else { return .absent }
        if expected.contains("source twin \(message.source) not found") { return .absent }
        let outage = "couldn't get twin \(message.source) public key: "
        if let cause = expected.split(separator: outage, maxSplits: 1).dropFirst().first {
            return .unavailable(String(cause.prefix { $0 != "\"" }))
        }
        let known = keys.values.compactMap { key in
            key["public_key_hex"]?.stringValue.flatMap { try? PublicKey(bytes: Hex.decode($0)) }
        }
        let signer = known.first { (try? message.verifySignature(by: $0)) != nil }
        return (signer ?? known.first).map(KeyLookup.found) ?? .absent
    }

    private func storedResults(_ vector: JSONValue) throws -> VectorVerdict {
        let key = try keyPair(member(vector, "verifies_with").text)
        let list = try JSONValue(parsing: member(vector, "response_body").text, mode: .lenient).arrayValue ?? []
        let expected = try list.map { try RMBMessage($0) }
        let time = UnixTime(seconds: expected.first?.now ?? 0)
        let rendered = try member(vector, "stored").arrayValue?.compactMap { stored -> RMBMessage? in
            guard let message = try? RMBMessage(parsing: Array((stored.stringValue ?? "").utf8)) else { return nil }
            return ProxyQueue.rendered(message, key: key, at: time)
        }
        guard let rendered, rendered.count == expected.count else { return .failed("other entries were left out") }
        for (ours, theirs) in zip(rendered, expected) {
            try ours.verifySignature(by: key.publicKey)
            try theirs.verifySignature(by: key.publicKey)
            guard ours.challenge == theirs.challenge else { return .failed("another message") }
        }
        let preimage = try Array(member(vector, "challenge_preimage").text.utf8)
        return .expect(rendered.first.map { $0.challenge == preimage } ?? true, "another challenge")
    }

    private func keyPair(_ name: String) throws -> KeyPair {
        guard let key = keys[name], let scheme = KeyScheme(rawValue: key["type"]?.stringValue ?? "") else {
            throw RMBError(.malformed, "the file has no key \(name)")
        }
        return try KeyPair(secretURI: key["secret_uri"]?.stringValue ?? "", scheme: scheme)
    }

    private func member(_ vector: JSONValue, _ name: String) throws -> JSONValue {
        guard let value = vector[name] else { throw RMBError(.malformed, "the case has no \(name)") }
        return value
    }
}

extension JSONValue {
    /// The string, or nothing.
    fileprivate var text: String { stringValue ?? "" }
}
