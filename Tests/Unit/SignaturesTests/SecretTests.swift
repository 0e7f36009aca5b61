import Signatures
import Testing

@Suite("Secrets")
struct SecretTests {
    private let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

    @Test("a phrase comes back from its entropy")
    func entropy() throws {
        let mnemonic = try Mnemonic(entropy: [UInt8](repeating: 0x7f, count: 16))
        #expect(mnemonic.withPhrase { $0 } == phrase)
    }

    @Test("a fresh phrase has twelve words and reads back to the same seed")
    func freshPhrase() throws {
        let mnemonic = Mnemonic.random()
        let phrase = mnemonic.withPhrase { $0 }
        #expect(phrase.split(separator: " ").count == 12)
        #expect(try Mnemonic(phrase).seed().withBytes { $0 } == mnemonic.seed().withBytes { $0 })
    }

    @Test(
        "wrong phrases are refused without being repeated",
        arguments: [
            "", "legal", "legal winner thank year wave sausage worth useful legal winner thank thank",
            "legal winner thank year wave sausage worth useful legal winner thank zzzzzz",
            "legal winner thank year wave sausage worth useful legal winner thank",
        ])
    func badPhrase(phrase: String) {
        let error = #expect(throws: SignatureError.self) { try Mnemonic(phrase) }
        #expect(error?.code == .badMnemonic)
        #expect(error?.message.contains("zzzzzz") == false)
    }

    @Test(
        "wrong secret texts are refused",
        arguments: ["0x1234", "xyz", "/soft", "//", "//a//", "//a/b", "0x" + String(repeating: "g", count: 64)])
    func badSecret(text: String) {
        #expect(throws: SignatureError.self) { try SecretURI(text) }
    }

    @Test("a seed reads with and without its prefix")
    func hexSeed() throws {
        let digits = String(repeating: "1a", count: 32)
        let plain = try KeyPair(secretURI: digits, scheme: .ed25519)
        #expect(try plain.publicKey == KeyPair(secretURI: "0x" + digits, scheme: .ed25519).publicKey)
    }

    @Test("secrets do not show in descriptions or dumps")
    func redaction() throws {
        let seed = try Seed(bytes: [UInt8](repeating: 0xab, count: 32))
        let pair = KeyPair(seed: seed, scheme: .sr25519)
        var dumped = ""
        dump(pair, to: &dumped)
        dump(seed, to: &dumped)
        dump(try Mnemonic(phrase), to: &dumped)
        dump(try SecretURI(phrase), to: &dumped)
        let texts = ["\(seed)", "\(pair)", "\(try Mnemonic(phrase))", "\(try SecretURI(phrase))", dumped]
        for text in texts {
            #expect(!text.contains("171"), "the byte 0xab in decimal")
            #expect(!text.contains("abab") && !text.contains("winner"))
        }
    }

    @Test("keys and seeds of other lengths are refused", arguments: [0, 31, 33, 64])
    func lengths(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: SignatureError.self) { try PublicKey(bytes: bytes) }
        #expect(throws: SignatureError.self) { try Seed(bytes: bytes) }
    }

    @Test("sr25519 signatures differ each time and all verify")
    func randomised() {
        let pair = KeyPair.generate(scheme: .sr25519)
        let message = Array("again".utf8)
        let signatures = Set((0..<8).map { _ in pair.sign(message) })
        #expect(signatures.count == 8)
        for signature in signatures {
            #expect(pair.publicKey.isValid(signature, for: message, scheme: .sr25519))
            #expect(!pair.publicKey.isValid(signature, for: message, scheme: .ed25519))
            #expect(!pair.publicKey.isValid(signature + [0], for: message, scheme: .sr25519))
        }
    }

    @Test("random bytes are never a valid signature and never crash the check")
    func noise() {
        let key = KeyPair.generate(scheme: .sr25519).publicKey
        for count in 0..<130 {
            for scheme in KeyScheme.allCases {
                #expect(!key.isValid(Sodium.random(count), for: [], scheme: scheme))
            }
        }
    }
}
