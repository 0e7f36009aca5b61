import Addresses
import Testing

@Suite("CIDR")
struct CIDRTests {
    @Test(
        "text becomes its canonical form, host bits kept",
        arguments: [
            ("10.1.2.3/16", "10.1.2.3/16"), ("0.0.0.0/0", "0.0.0.0/0"), ("10.0.0.0/008", "10.0.0.0/8"),
            ("FE80:0:0:0:0:0:0:1/064", "fe80::1/64"), ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
            ("::ffff:10.1.0.0/40", "10.1.0.0/0"), ("::ffff:10.1.0.0/96", "10.1.0.0/0"), ("::/128", "::/128"),
        ])
    func canonical(text: String, expected: String) throws {
        #expect(try CIDR(parsing: text).text == expected)
    }

    @Test(
        "other text is refused",
        arguments: [
            "", "/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8",
            "10.0.0.0/٣", "10.0.0.0/ 8", "10.09.0.0/16", "fe80::1%e/64", "10.0.0.0/99999999999999999999999999",
        ])
    func refused(text: String) {
        #expect(throws: AddressError.self) { try CIDR(parsing: text) }
    }

    @Test("network, mask, first and last follow the prefix")
    func network() throws {
        let four = try CIDR(parsing: "10.1.2.3/20")
        #expect(four.network.text == "10.1.0.0/20")
        #expect(four.mask.text == "255.255.240.0")
        #expect(four.last.text == "10.1.15.255")
        #expect(!four.isNetwork)
        let six = try CIDR(parsing: "2001:db8:1:2:3:4:5:6/68")
        #expect(six.network.text == "2001:db8:1:2::/68")
        #expect(six.mask.text == "ffff:ffff:ffff:ffff:f000::")
        #expect(six.last.text == "2001:db8:1:2:fff:ffff:ffff:ffff")
        for text in ["1.2.3.4/0", "::1/0"] {
            let all = try CIDR(parsing: text)
            #expect(all.first.isUnspecified)
            #expect(all.mask.isUnspecified)
        }
        #expect(try CIDR(parsing: "1.2.3.4/32").network.text == "1.2.3.4/32")
        #expect(try CIDR(parsing: "::5/128").last.text == "::5")
    }

    @Test("a range contains addresses and ranges of its own family only")
    func contains() throws {
        let range = try CIDR(parsing: "10.1.0.0/16")
        #expect(try range.contains(IPAddress(parsing: "10.1.255.255")))
        #expect(try !range.contains(IPAddress(parsing: "10.2.0.0")))
        #expect(try !range.contains(IPAddress(parsing: "::10.1.0.1")))
        #expect(try range.contains(CIDR(parsing: "10.1.2.0/24")))
        #expect(try !range.contains(CIDR(parsing: "10.0.0.0/8")))
        #expect(try range.overlaps(CIDR(parsing: "10.0.0.0/8")))
        #expect(try !range.overlaps(CIDR(parsing: "10.2.0.0/16")))
        #expect(try !CIDR(parsing: "::/0").contains(IPAddress(parsing: "1.2.3.4")))
    }

    @Test("hosts are counted from the first address and stay inside")
    func hosts() throws {
        let range = try CIDR(parsing: "10.1.2.77/24")
        #expect(range.host(1)?.text == "10.1.2.1")
        #expect(range.host(255)?.text == "10.1.2.255")
        #expect(range.host(256) == nil)
        #expect(try CIDR(parsing: "255.255.255.255/32").host(1) == nil)
        #expect(try CIDR(parsing: "fd00::/64").host(2)?.text == "fd00::2")
    }
}
