import Addresses
import Testing

@Suite("MACAddress")
struct MACAddressTests {
    @Test("text is six groups of two hex digits")
    func text() throws {
        let mac = try MACAddress(parsing: "8A:05:e0:53:a3:08")
        #expect(mac.text == "8a:05:e0:53:a3:08")
        #expect(MACAddress(bytes: mac.bytes) == mac)
        for bad in [
            "", "8a:05:e0:53:a3", "8a:05:e0:53:a3:08:09", "8a-05-e0-53-a3-08", "8a:5:e0:53:a3:08", "8a:05:e0:53:a3:0g",
        ] {
            #expect(throws: AddressError.self) { try MACAddress(parsing: bad) }
        }
    }

    @Test("an IPv6 address is formed from prefix and EUI-64")
    func eui64() throws {
        let mac = try MACAddress(parsing: "52:54:00:12:34:56")
        #expect(IPv6Address.linkLocal(of: mac).text == "fe80::5054:ff:fe12:3456")
        let prefix = try IPv6Address(parsing: "2001:db8::")
        #expect(IPv6Address(prefix: prefix, interface: mac).text == "2001:db8::5054:ff:fe12:3456")
        #expect(!mac.isMulticast)
    }
}
