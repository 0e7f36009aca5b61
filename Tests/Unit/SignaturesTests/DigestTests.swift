import Signatures
import Testing

@Suite("Digests and text forms")
struct DigestTests {
    @Test("SHA-2 gives the published digests of abc")
    func sha2() {
        #expect(
            Hex.encode(Sodium.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Hex.encode(Sodium.sha512(Array("abc".utf8))).hasPrefix("ddaf35a193617abacc417349ae204131"))
    }

    @Test("HMAC-SHA512 gives the digest of RFC 4231 case 2")
    func hmac() {
        let digest = Sodium.hmacSHA512(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(Hex.encode(digest).hasPrefix("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"))
    }

    @Test("PBKDF2 gives the published key and any length")
    func pbkdf2() {
        let key = Sodium.pbkdf2SHA512(
            password: Array("password".utf8), salt: Array("salt".utf8), rounds: 2, length: 64)
        #expect(Hex.encode(key).hasPrefix("e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"))
        let longer = Sodium.pbkdf2SHA512(
            password: Array("password".utf8), salt: Array("salt".utf8), rounds: 2, length: 100)
        #expect(longer.count == 100 && longer.starts(with: key))
    }

    @Test("hexadecimal errors use the words of the grid's implementations")
    func hexErrors() {
        #expect(throws: Hex.Failure.oddLength) { try Hex.decode("abc") }
        #expect(throws: Hex.Failure.invalidByte(0x78)) { try Hex.decode("0x00") }
        #expect(throws: Hex.Failure.invalidByte(0x6e)) { try Hex.decode("abn") }
        #expect("\(Hex.Failure.invalidByte(0x6e))" == "encoding/hex: invalid byte: U+006E 'n'")
        #expect("\(Hex.Failure.invalidByte(0x0a))" == "encoding/hex: invalid byte: U+000A")
        #expect("\(Hex.Failure.invalidByte(0xc3))" == "encoding/hex: invalid byte: U+00C3 'Ã'")
        #expect("\(Hex.Failure.oddLength)" == "encoding/hex: odd length hex string")
    }

    @Test("base64 survives the round trip at every length", arguments: 0..<70)
    func base64(count: Int) {
        let bytes = Sodium.random(count)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test(
        "text that is not padded base64 is refused",
        arguments: ["=", "A", "A=", "AA", "AAA", "AA=", "AAA==", "AAAA=", "AA=A", "@@", "A A=", "====", "AAA=AAAA"])
    func badBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("line ends inside base64 are skipped")
    func base64LineEnds() {
        #expect(Base64.decode("aGVs\r\nbG8=\n") == Array("hello".utf8))
    }
}
