import Addresses
import Testing

@Suite("IPAddress")
struct IPAddressTests {
    @Test(
        "text becomes its canonical form",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("10.1.2.3", "10.1.2.3"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1::", "1::"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("::ffff:102:304", "1.2.3.4"), ("::FFFF:1.2.3.4", "1.2.3.4"),
            ("::1.2.3.4", "::102:304"), ("1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"),
            ("fe80::00ff:0", "fe80::ff:0"),
        ])
    func canonical(text: String, expected: String) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.text == expected)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "other text is refused",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.0004", "1..2.3", "+1.2.3.4", " 1.2.3.4",
            "1.2.3.4 ", "1.2.3.٣", "::1%lo", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8",
            " ::1", "1.2.3.4/8", ":", ":::", "1:", ":1", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7",
            "::1.2.3", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "g::", "::ffff:1.2.3.4%e",
        ])
    func refused(text: String) {
        #expect(throws: AddressError.self) { try IPAddress(parsing: text) }
    }

    @Test("properties of well-known addresses hold")
    func properties() throws {
        #expect(try IPAddress(parsing: "127.3.2.1").isLoopback)
        #expect(try IPAddress(parsing: "::ffff:127.0.0.1").isLoopback)
        #expect(try IPAddress(parsing: "::1").isLoopback)
        #expect(try IPAddress(parsing: "169.254.1.1").isLinkLocal)
        #expect(try IPAddress(parsing: "febf::1").isLinkLocal)
        #expect(try !IPAddress(parsing: "fec0::1").isLinkLocal)
        #expect(try IPAddress(parsing: "ff02::1").isMulticast)
        #expect(try IPAddress(parsing: "::").isUnspecified)
        #expect(try IPv4Address(parsing: "172.31.255.255").isPrivate)
        #expect(try !IPv4Address(parsing: "172.32.0.0").isPrivate)
        #expect(try IPv6Address(parsing: "fd00::1").isUniqueLocal)
        #expect(try IPAddress(parsing: "255.255.255.255") < IPAddress(parsing: "::"))
    }
}
