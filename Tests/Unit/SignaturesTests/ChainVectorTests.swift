import JSON
import Signatures
import TestVectors
import Testing

/// Keys, addresses and transcripts of `Tests/Vectors/tfchain.json`.
@Suite("Chain vectors")
struct ChainVectorTests {
    static func cases(_ kind: String) throws -> [JSONValue] {
        let cases = try #require(try VectorFile.load("tfchain.json")["cases"]?.arrayValue)
        return cases.filter { $0["kind"]?.stringValue == kind }
    }

    static func bytes(_ value: JSONValue?) throws -> [UInt8] {
        let text = try #require(value?.stringValue)
        return try Hex.decode(text.utf8.dropFirst(text.utf8.starts(with: "0x".utf8) ? 2 : 0))
    }

    @Test("every secret text gives the seed, key and address of the vectors")
    func keyPairs() throws {
        let cases = try Self.cases("keypair")
        #expect(cases.count == 14)
        for vector in cases {
            let scheme = try #require(KeyScheme(rawValue: vector["scheme"]?.stringValue ?? ""))
            let uri = try #require(vector["uri"]?.stringValue)
            let pair = try KeyPair(secretURI: uri, scheme: scheme)
            let seed = try SecretURI(uri).seed(scheme: scheme)
            #expect(try seed.withBytes { $0 } == Self.bytes(vector["seed"]), "\(uri)")
            #expect(try pair.publicKey.bytes == Self.bytes(vector["public_key"]), "\(uri)")
            #expect(SS58.encode(pair.publicKey) == vector["address"]?.stringValue, "\(uri)")
            let message = Array("message".utf8)
            #expect(pair.publicKey.isValid(pair.sign(message), for: message, scheme: scheme))
        }
    }

    @Test("signatures verify as the vectors say", arguments: ["sr25519", "ed25519"])
    func verification(name: String) throws {
        let scheme = try #require(KeyScheme(rawValue: name))
        for vector in try Self.cases("\(name)_verify") {
            let key = try PublicKey(bytes: Self.bytes(vector["public_key"]))
            let valid = try key.isValid(
                Self.bytes(vector["signature"]), for: Self.bytes(vector["message"]), scheme: scheme)
            #expect(valid == vector["valid"]?.boolValue, "\(vector["title"]?.stringValue ?? "")")
        }
    }

    @Test("transcripts give the challenges of the vectors")
    func transcripts() throws {
        for vector in try Self.cases("transcript") {
            var transcript = MerlinTranscript(label: try #require(vector["label"]?.stringValue))
            for step in try #require(vector["steps"]?.arrayValue) {
                let label = try #require(step["label"]?.stringValue)
                if step["op"]?.stringValue == "append" {
                    transcript.append(label, try Self.bytes(step["data"]))
                } else {
                    let output = transcript.challenge(label, count: try #require(step["length"]?.intValue))
                    #expect(try output == Self.bytes(step["output"]))
                }
            }
        }
    }

    @Test("addresses are written and read with every prefix of the vectors")
    func addresses() throws {
        for vector in try Self.cases("ss58") {
            let key = try PublicKey(bytes: Self.bytes(vector["public_key"]))
            let prefix = try #require(vector["prefix"]?.uint64Value.flatMap(UInt16.init(exactly:)))
            let address = try #require(vector["address"]?.stringValue)
            #expect(SS58.encode(key, prefix: prefix) == address)
            #expect(try SS58.decode(address, prefix: prefix) == key)
            #expect(throws: SignatureError.self) { try SS58.decode(address, prefix: prefix == 42 ? 0 : 42) }
        }
    }

    @Test("addresses with a wrong character, length or checksum are refused")
    func badAddresses() throws {
        for vector in try Self.cases("ss58_error") {
            let address = try #require(vector["address"]?.stringValue)
            let error = #expect(throws: SignatureError.self) { try SS58.decode(address) }
            #expect(error?.code == .badAddress)
        }
        #expect(throws: SignatureError.self) { try SS58.decode(String(repeating: "5", count: 1 << 20)) }
    }

    @Test("BLAKE2b gives the digests of the vectors")
    func blake2b() throws {
        for vector in try Self.cases("hash") {
            guard let name = vector["algorithm"]?.stringValue, name.hasPrefix("blake2_") else { continue }
            let length = try #require(Int(name.dropFirst(7))) / 8
            let digest = Sodium.blake2b(try Self.bytes(vector["input"]), length: length)
            #expect(try digest == Self.bytes(vector["output"]))
        }
    }
}
