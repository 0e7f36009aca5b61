import Naming
import Testing

@Suite("Digests and base 58")
struct DigestTests {
    @Test(
        "MD5 gives the digests of RFC 1321",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"
            ),
        ])
    func md5(text: String, expected: String) {
        #expect(hex(MD5.digest(text)) == expected)
    }

    @Test("MD5 gives one digest however the message is cut, around the block length")
    func md5Parts() {
        for length in 50...130 {
            let message = (0..<length).map { UInt8($0) }
            var parts = MD5()
            for byte in message { parts.update([byte]) }
            #expect(parts.finish() == MD5.digest(message))
        }
        #expect(hex(MD5.digest(Array(repeating: UInt8(ascii: "a"), count: 55))) == "ef1772b6dff9a122358552954ad0df65")
        #expect(hex(MD5.digest(Array(repeating: UInt8(ascii: "a"), count: 64))) == "014842d480b571495a4a0363793f7367")
    }

    @Test("base 58 keeps leading zeros and orders digits from the highest")
    func base58() {
        #expect(Base58.encode([]) == "")
        #expect(Base58.encode([0, 0]) == "11")
        #expect(Base58.encode(Array("Hello World!".utf8)) == "2NEpo7TZRRrLZSi2U")
        #expect(Base58.encode([0, 0, 0x28, 0x7f, 0xb4, 0xcd]) == "11233QC4")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
