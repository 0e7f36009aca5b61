import Addresses
import JSON
import PluginSDK
import Testing

@testable import PublicIPProvisioner

@Suite("AddressChoice")
struct AddressChoiceTests {
    private func texts(_ workload: Workload<PublicIP>) throws -> [String] {
        try AddressChoice.candidates(for: workload).map(\.range.text)
    }

    @Test("the first address that nobody holds comes first")
    func first() throws {
        #expect(try texts(Sample.workload()) == ["198.51.100.20/24", "198.51.100.21/24"])
        let one = [Sample.sibling("a", ip: "198.51.100.20/24")]
        #expect(try texts(Sample.workload(siblings: one)) == ["198.51.100.21/24"])
    }

    @Test("a paused workload holds its address")
    func paused() throws {
        let siblings = [Sample.sibling("a", ip: "198.51.100.20/24", state: "paused")]
        #expect(try texts(Sample.workload(siblings: siblings)) == ["198.51.100.21/24"])
    }

    @Test("addresses are compared as addresses, not as text")
    func spelling() throws {
        let reserved = [ReservedAddress(ip: "::ffff:198.51.100.20/120", gateway: "198.51.100.1")] + Sample.reserved
        let siblings = [Sample.sibling("a", ip: "198.51.100.20/24")]
        #expect(try texts(Sample.workload(siblings: siblings, reserved: reserved)) == ["198.51.100.21/24"])
    }

    @Test("an address that the workload has stays its own")
    func kept() throws {
        let previous: JSONValue = ["ip": "198.51.100.21/24", "ip6": "", "gateway": "198.51.100.1"]
        #expect(try texts(Sample.workload(previous: previous)) == ["198.51.100.21/24"])
    }

    @Test("more workloads than addresses are refused, with both numbers")
    func tooMany() throws {
        let siblings = [Sample.sibling("a", ip: "198.51.100.20/24"), Sample.sibling("b", ip: "", state: "init")]
        let error = try #require(throws: PluginError.self) { try texts(Sample.workload(siblings: siblings)) }
        #expect(error.message.contains("3") && error.message.contains("2"))
    }

    @Test("a workload that has failed wants no address any more")
    func failed() throws {
        let siblings = [
            Sample.sibling("a", ip: "198.51.100.20/24"), Sample.sibling("b", ip: "", state: "error"),
        ]
        #expect(try texts(Sample.workload(siblings: siblings)) == ["198.51.100.21/24"])
    }

    @Test(
        "malformed chain data is an error that names it",
        arguments: [
            ("", "198.51.100.1"), ("198.51.100.20", "198.51.100.1"), ("198.51.100.20/33", "198.51.100.1"),
            ("2001:db8::1/64", "198.51.100.1"), ("198.51.100.20/24", ""), ("198.51.100.20/24", "203.0.113.1"),
            ("198.51.100.20/24", "198.51.100.20"), ("198.51.100.020/24", "198.51.100.1"),
        ])
    func malformed(_ ip: String, _ gateway: String) throws {
        let reserved = [ReservedAddress(ip: ip, gateway: gateway)]
        let error = try #require(throws: PluginError.self) { try texts(Sample.workload(reserved: reserved)) }
        #expect(error.status == .failed && error.message.contains(gateway))
    }

    @Test("IPv6 is the exit's first global /64 and EUI-64 of the MAC")
    func v6() throws {
        let mac = try MACAddress(parsing: "02:00:00:00:00:01")
        let exit = ["198.51.100.1/24", "fe80::1/64", "fd00::1/64", "200:1::1/7", "2001:db8:1::1/64"]
        #expect(try AddressChoice.v6(mac, in: exit).text == "2001:db8:1::ff:fe00:1/64")
        #expect(throws: PluginError.self) { try AddressChoice.v6(mac, in: ["fd00::1/64", "x", "10.0.0.1/8"]) }
    }
}
