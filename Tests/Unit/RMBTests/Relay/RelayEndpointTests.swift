import Testing

@testable import RMB

@Suite("Relay endpoints")
struct RelayEndpointTests {
    @Test(
        "an address names itself, or is given the name that others find it by",
        arguments: [
            ("wss://Relay.grid.tf", "relay.grid.tf", "Relay.grid.tf", 443),
            ("wss://relay.grid.tf/path", "relay.grid.tf", "relay.grid.tf", 443),
            ("ws://10.0.0.1:8088", "10.0.0.1", "10.0.0.1", 8088),
            ("relay.lan=ws://10.0.0.1:8088", "relay.lan", "10.0.0.1", 8088),
            ("relay.lan=ws://[::1]:8088", "relay.lan", "::1", 8088),
        ])
    func reads(text: String, name: String, host: String, port: Int) throws {
        let endpoint = try RelayEndpoint(text)
        #expect(endpoint.name == name)
        #expect(endpoint.address.host == host)
        #expect(endpoint.address.port == port)
    }

    @Test(
        "what is no address of a relay is refused with a reason",
        arguments: [
            "", "relay.grid.tf", "https://relay.grid.tf", "=ws://x", "a_b=ws://x", "a..b=ws://x", ".a=ws://x",
            "a:1=ws://x", "ws://[::1]:8088", "x=", "x=y=ws://z",
        ])
    func refuses(text: String) {
        #expect(throws: RMBError.self) { try RelayEndpoint(text) }
    }
}
