import JSON
import Signatures

/// The public keys that a vector file lists, as a ledger would know them.
struct VectorKeys: TwinKeys {
    private var keys: [UInt32: PublicKey] = [:]

    init() {}

    /// Reads `keys`; those with `"registered": false` are unknown.
    init(_ file: JSONValue) {
        for entry in file["keys"]?.arrayValue ?? [] where entry["registered"]?.boolValue != false {
            guard let twin = entry["twin_id"]?.uint64Value.flatMap(UInt32.init(exactly:)),
                let text = entry["public_key_hex"]?.stringValue,
                let bytes = try? Hex.decode(text), let key = try? PublicKey(bytes: bytes)
            else { continue }  // A key that is none stays unknown, which the cases then show.
            keys[twin] = key
        }
    }

    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        keys[twin].map { .found($0) } ?? .absent
    }
}
