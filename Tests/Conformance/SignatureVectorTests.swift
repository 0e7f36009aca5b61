import JSON
import Signatures
import TestVectors
import Testing

/// `Tests/Vectors/raw-signatures.json`: signatures apart from deployments.
@Suite("Signature vectors")
struct SignatureVectorTests {
    @Test("raw signatures are judged as recorded, overlong sr25519 ones refused")
    func rawSignatures() throws {
        let cases = try #require(try VectorFile.load("raw-signatures.json")["cases"]?.arrayValue)
        #expect(cases.count == 55)
        for (index, vector) in cases.enumerated() {
            let scheme = try #require(KeyScheme(rawValue: vector["scheme"]?.stringValue ?? ""))
            let key = try PublicKey(bytes: Hex.decode(vector["public_key_hex"]?.stringValue ?? ""))
            let signature = try Hex.decode(vector["signature_hex"]?.stringValue ?? "")
            let valid = key.isValid(
                signature, for: try Hex.decode(vector["message_hex"]?.stringValue ?? ""), scheme: scheme)
            // The reference cuts sr25519 signatures to 64 bytes; docs/spec/deployment.md section 8 asks for exactly 64.
            let expected = signature.count == 64 && vector["ok"]?.boolValue == true
            #expect(valid == expected, "case \(index), \(vector["note"]?.stringValue ?? "")")
        }
    }

    @Test("the test signers' phrases give their seeds, keys and addresses")
    func signers() throws {
        let file = try VectorFile.load("deployments.json")
        for signer in try #require(file["keys"]?.arrayValue) {
            let scheme = try #require(KeyScheme(rawValue: signer["scheme"]?.stringValue ?? ""))
            let phrase = try #require(signer["mnemonic"]?.stringValue)
            let pair = try KeyPair(secretURI: phrase, scheme: scheme)
            #expect(Hex.encode(pair.publicKey.bytes) == signer["public_key_hex"]?.stringValue)
            #expect(try Hex.encode(Mnemonic(phrase).seed().withBytes { $0 }) == signer["seed_hex"]?.stringValue)
            #expect(pair.publicKey.description == signer["ss58_42"]?.stringValue)
        }
    }

    @Test("every deployment's signatures get the verdict of the vectors, or a stricter one where that is allowed")
    func deploymentSignatures() async throws {
        let file = try VectorFile.load("deployments.json")
        var known: [UInt32: PublicKey] = [:]
        for signer in try #require(file["keys"]?.arrayValue) where signer["registered"]?.boolValue == true {
            let twin = try #require(signer["twin_id"]?.uint64Value.flatMap(UInt32.init(exactly:)))
            known[twin] = try PublicKey(bytes: Hex.decode(signer["public_key_hex"]?.stringValue ?? ""))
        }
        var checked = 0
        for vector in try #require(file["cases"]?.arrayValue) {
            // The stages before this one have their own test; here the hash comes from the vector.
            guard vector["challenge"]?["ok"]?.boolValue == true, let verify = vector["verify"],
                let hash = try vector["challenge"]?["md5_hex"]?.stringValue.map({ try Hex.decode($0) }),
                let text = vector["deployment_json"]?.stringValue
            else { continue }
            let value = try JSONValue(parsing: text, mode: .lenient)
            let twin = value.objectValue?.folded("twin_id")?.uint64Value.flatMap(UInt32.init(exactly:)) ?? 0
            let requirement = Self.requirement(value.objectValue?.folded("signature_requirement"))
            var code: String?
            do { try await requirement.verify(owner: twin, hash: hash, keys: Known(keys: known)) } catch {
                code = error.code.rawValue
            }
            let isAllowed =
                code == verify["class"]?.stringValue
                || (vector["may_refuse"]?.boolValue == true && verify["ok"]?.boolValue == true)
            #expect(isAllowed, "\(vector["id"]?.stringValue ?? ""): \(code ?? "accepted")")
            checked += 1
        }
        #expect(checked > 200)
    }

    private struct Known: TwinKeys {
        let keys: [UInt32: PublicKey]
        func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
            keys[twin].map(KeyLookup.found) ?? .absent
        }
    }

    private static func requirement(_ value: JSONValue?) -> SignatureRequirement {
        func list(_ name: String) -> [JSONObject] {
            (value?.objectValue?.folded(name)?.arrayValue ?? []).map { $0.objectValue ?? JSONObject() }
        }
        func twin(_ object: JSONObject) -> UInt32 {
            object.folded("twin_id")?.uint64Value.flatMap(UInt32.init(exactly:)) ?? 0
        }
        return SignatureRequirement(
            requests: list("requests").map {
                SignatureRequest(
                    twin: twin($0), isRequired: $0.folded("required")?.boolValue ?? false,
                    weight: $0.folded("weight")?.uint64Value ?? 0)
            },
            weightRequired: value?.objectValue?.folded("weight_required")?.uint64Value ?? 0,
            signatures: list("signatures").map {
                TwinSignature(
                    twin: twin($0), signature: $0.folded("signature")?.stringValue ?? "",
                    type: $0.folded("signature_type")?.stringValue ?? "")
            },
            style: value?.objectValue?.folded("signature_style")?.stringValue ?? "")
    }
}
