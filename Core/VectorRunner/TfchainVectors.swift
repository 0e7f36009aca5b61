import Chain
import JSON
import Signatures
import Substrate

/// The chain's formats, accounts, rules and answers (docs/spec/tfchain.md section 14).
struct TfchainVectors {
    static let metadataFile = "tfchain-metadata.scale"
    /// Kinds of cases that no other format has.
    static let kinds: Set<String> = [
        "scale", "scale_error", "metadata_lookup", "storage_key", "storage_value", "storage_absent", "dispatch_error",
        "extrinsic", "era", "ss58", "ss58_error", "keypair", "transcript", "sr25519_verify", "ed25519_verify",
        "watch_status", "submit_error",
    ]

    /// Nil if it is not the metadata that the cases were made with.
    let metadata: RuntimeMetadata?
    private let metadataError: String
    var tally: VectorTally

    /// - Parameter bytes: the metadata beside the cases; without it the one that this program carries is used.
    init(file: JSONValue, metadata bytes: [UInt8]?, tally: VectorTally) {
        self.tally = tally
        let bytes = bytes ?? BuiltInMetadata.bytes
        var problem = "the metadata is not the one that the cases were made with"
        var parsed: RuntimeMetadata?
        let digest = file["source"]?["metadata_sha256"]?.stringValue
        if digest == nil || digest == Hex.encode(Sodium.sha256(bytes)) {
            do throws(SubstrateError) { parsed = try RuntimeMetadata(parsing: bytes) } catch { problem = error.message }
            self.tally.check("metadata", "to be read", expected: nil, got: parsed == nil ? problem : nil)
        } else {
            self.tally.check("metadata", "digest", expected: digest, got: Hex.encode(Sodium.sha256(bytes)))
        }
        metadata = parsed
        metadataError = problem
    }

    mutating func run(_ entry: JSONValue) async {
        let id = entry["id"]?.stringValue ?? "without id"
        let kind = entry["kind"]?.stringValue ?? "without kind"
        do {
            switch kind {
            case "hash": try hash(entry, id)
            case "scale", "scale_error": try scale(entry, id)
            case "era": try era(entry, id)
            case "ss58": try address(entry, id)
            case "ss58_error": try refusedAddress(entry, id)
            case "keypair": try keyPair(entry, id)
            case "transcript": try transcript(entry, id)
            case "sr25519_verify", "ed25519_verify": try signature(entry, id)
            case "watch_status": watchStatus(entry, id)
            case "submit_error": submitError(entry, id)
            case "sync": await sync(entry, id)
            default:
                guard let metadata else { return tally.skip(kind, because: metadataError) }
                try await run(entry, kind, id, metadata)
            }
        } catch {
            tally.fail(id, kind, error)
        }
    }

    private mutating func run(
        _ entry: JSONValue, _ kind: String, _ id: String, _ metadata: RuntimeMetadata
    ) async throws {
        switch kind {
        case "metadata_lookup": try lookup(entry, id, metadata)
        case "storage_key": try storageKey(entry, id, metadata)
        case "storage_value": try storageValue(entry, id, metadata)
        case "storage_absent": try storageAbsent(entry, id, metadata)
        case "events": try events(entry, id, metadata)
        case "dispatch_error": try dispatchError(entry, id, metadata)
        case "call": try call(entry, id, metadata)
        case "extrinsic": try extrinsic(entry, id, metadata)
        case "acceptance": try await acceptance(entry, id, metadata)
        case "rpc": try rpc(entry, id, metadata)
        default: tally.check(id, "kind", expected: "to be known", got: kind)
        }
    }
}

extension JSONValue {
    /// The bytes of a `0x` text.
    func hexBytes(_ name: String) throws -> [UInt8] {
        guard let bytes = self[name]?.stringValue.flatMap(HexText.decode) else {
            throw VectorError("there are no bytes \(name)")
        }
        return bytes
    }

    func text(_ name: String) throws -> String {
        guard let text = self[name]?.stringValue else { throw VectorError("there is no text \(name)") }
        return text
    }

    func number(_ name: String) throws -> UInt64 {
        guard let number = self[name]?.uint64Value ?? self[name]?.stringValue.flatMap(UInt64.init) else {
            throw VectorError("there is no number \(name)")
        }
        return number
    }

    func uint32(_ name: String) throws -> UInt32 {
        guard let value = UInt32(exactly: try number(name)) else { throw VectorError("\(name) is too great") }
        return value
    }
}
