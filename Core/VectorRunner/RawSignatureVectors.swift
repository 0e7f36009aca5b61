import JSON
import Signatures

/// Signatures of bytes, apart from deployments.
struct RawSignatureVectors {
    var tally: VectorTally

    mutating func run(_ entry: JSONValue, index: Int) {
        let id = "case \(index), \(entry["note"]?.stringValue ?? "without note")"
        guard let scheme = entry["scheme"]?.stringValue.flatMap(KeyScheme.init(rawValue:)),
            let message = Self.bytes(entry["message_hex"])
        else { return tally.check(id, "case", expected: "to be readable", got: nil) }
        let key = Self.bytes(entry["public_key_hex"]).flatMap { try? PublicKey(bytes: $0) }
        let signature = Self.bytes(entry["signature_hex"])
        // No key of 32 bytes and no hexadecimal signature: nothing is valid then.
        if scheme == .sr25519, let signature, signature.count > 64 {
            return tally.skip(
                "signature length",
                because: "more than 64 bytes are always refused, of which the reference reads the first")
        }
        let isValid = key.flatMap { key in signature.map { key.isValid($0, for: message, scheme: scheme) } } ?? false
        tally.check(id, "signature", expected: entry["ok"]?.boolValue ?? false, got: isValid)
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        // What is no hexadecimal has no bytes.
        value?.stringValue.flatMap { try? Hex.decode($0) }
    }
}
