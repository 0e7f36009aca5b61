import JSON
import Signatures
import Substrate

// Accounts, addresses, keys and signatures.
extension TfchainVectors {
    mutating func address(_ entry: JSONValue, _ id: String) throws {
        let key = try PublicKey(bytes: try entry.hexBytes("public_key"))
        let address = try entry.text("address")
        guard let prefix = UInt16(exactly: try entry.number("prefix")), prefix < 16384 else {
            throw VectorError("the prefix is none")
        }
        tally.check(id, "address", expected: address, got: SS58.encode(key, prefix: prefix))
        tally.check(id, "key", expected: key.bytes == (try SS58.decode(address, prefix: prefix)).bytes, got: true)
    }

    mutating func refusedAddress(_ entry: JSONValue, _ id: String) throws {
        let key = try? SS58.decode(try entry.text("address"))
        tally.check(id, "verdict", expected: "refused", got: key.map { "\($0)" } ?? "refused")
    }

    mutating func keyPair(_ entry: JSONValue, _ id: String) throws {
        guard let scheme = KeyScheme(rawValue: try entry.text("scheme")) else { throw VectorError("no such scheme") }
        let uri = try entry.text("uri")
        let seed = try SecretURI(uri).seed(scheme: scheme).withBytes { HexText.encode($0) }
        let key = try KeyPair(secretURI: uri, scheme: scheme).publicKey
        tally.check(id, "seed", expected: try entry.text("seed"), got: seed)
        tally.check(id, "public key", expected: try entry.text("public_key"), got: HexText.encode(key.bytes))
        tally.check(id, "address", expected: try entry.text("address"), got: SS58.encode(key))
    }

    mutating func transcript(_ entry: JSONValue, _ id: String) throws {
        var transcript = MerlinTranscript(label: try entry.text("label"))
        for step in entry["steps"]?.arrayValue ?? [] {
            let label = try step.text("label")
            switch try step.text("op") {
            case "append": transcript.append(label, try step.hexBytes("data"))
            case "challenge":
                guard let count = step["length"]?.intValue, (0...4096).contains(count) else {
                    throw VectorError("a challenge has no length")
                }
                let challenge = transcript.challenge(label, count: count)
                tally.check(
                    id, "challenge \(label)", expected: try step.text("output"), got: HexText.encode(challenge))
            case let other: throw VectorError("step \(other) is not known")
            }
        }
    }

    mutating func signature(_ entry: JSONValue, _ id: String) throws {
        if let context = entry["context"]?.stringValue, context != "substrate" {
            return tally.skip("signature", because: "only the signing context substrate is in use")
        }
        let scheme: KeyScheme = try entry.text("kind").hasPrefix("sr25519") ? .sr25519 : .ed25519
        let key = try PublicKey(bytes: try entry.hexBytes("public_key"))
        let isValid = key.isValid(
            try entry.hexBytes("signature"), for: try entry.hexBytes("message"), scheme: scheme)
        tally.check(id, "verdict", expected: entry["valid"]?.boolValue ?? false, got: isValid)
    }
}
