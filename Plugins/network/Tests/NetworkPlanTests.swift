import Addresses
import Netlink
import PluginSDK
import Testing

@testable import NetworkProvisioner

@Suite("NetworkPlan")
struct NetworkPlanTests {
    @Test("names and addresses are derived as on every node")
    func derived() throws {
        // SvpNhktL86nQY is the id of the example in docs/spec/workloads.md section 3.1.
        let plan = try NetworkPlan(Sample.network(subnet: "10.20.3.0/24"), twin: 7, name: "net")
        #expect(plan.gateway.text == "10.20.3.1")
        #expect(plan.tunnelAddress.text == "100.64.20.3/16")
        #expect(plan.bridge.utf8.count == 15 && plan.bridge.hasPrefix("b-"))
        let characters = Array(plan.id.utf8)
        let six = plan.v6(of: IPv4Address(10, 20, 3, 2))
        #expect(six.bytes.prefix(6) == [0xfd] + characters.prefix(5))
        #expect(six.bytes.suffix(10) == [0, 3, 0, 0, 0, 0, 0, 0, 0, 2])
    }

    @Test(
        "what the reference would fail at half-way is refused at once, naming the member",
        arguments: [
            ("ip_range", Sample.network(range: "10.20.0.0/31")),
            ("ip_range", Sample.network(range: "fd00::/16")),
            ("ip_range", Sample.network(range: "nonsense")),
            ("subnet", Sample.network(subnet: "10.21.3.0/24")),
            ("subnet", Sample.network(subnet: "10.20.3.128/25")),
            ("wireguard_private_key", Sample.network(key: "c2hvcnQ=")),
            ("wireguard_listen_port", Sample.network(port: 0)),
            ("wireguard_listen_port", Sample.network(port: 1023)),
            ("wireguard_listen_port", Sample.network(port: 9944)),
            ("mycelium", Sample.network(mycelium: .init(hexKey: Secret(String(repeating: "ab", count: 32))))),
            ("peers/0/wireguard_public_key", Sample.network(peers: [Sample.peer(key: "x")])),
            ("peers/0/allowed_ips/0", Sample.network(peers: [Sample.peer(allowed: [""])])),
            ("peers/0/allowed_ips/0", Sample.network(peers: [Sample.peer(allowed: ["10.0.0.0"])])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "example.org:1")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "192.0.2.1")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "192.0.2.1:0")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "192.0.2.1:65536")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "192.0.2.1:+5")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "fe80::1:5")])),
            ("peers/0/endpoint", Sample.network(peers: [Sample.peer(endpoint: "[192.0.2.1]:5")])),
            ("peers/1/wireguard_public_key", Sample.network(peers: [Sample.peer(), Sample.peer()])),
        ])
    func strict(_ member: String, _ network: Network) throws {
        let error = try #require(throws: PluginError.self) { try NetworkPlan(network, twin: 7, name: "net") }
        #expect(error.message.contains(member), "\(error.message)")
        #expect(!error.message.contains(network.privateKey.revealed))
    }

    @Test("names that the node uses itself are refused", arguments: ["pub", "ygg", "mycelium"])
    func names(_ name: String) {
        #expect(throws: PluginError.self) { try NetworkPlan(Sample.network(), twin: 7, name: name) }
    }

    @Test("endpoints of both families are read")
    func endpoints() throws {
        let peers = [
            Sample.peer(key: Sample.key(1), allowed: ["10.20.4.0/24"], endpoint: "192.0.2.1:51820"),
            Sample.peer(key: Sample.key(2), allowed: ["10.20.5.0/24"], endpoint: "[2001:db8::1]:51821"),
        ]
        let parsed = try PeerList.parse(peers)
        #expect(parsed[0].endpoint == WireGuardPeer.Endpoint(address: [192, 0, 2, 1], port: 51820))
        #expect(parsed[1].endpoint?.port == 51821 && parsed[1].endpoint?.address.count == 16)
    }

    @Test("a range that two peers claim leads to the last one, as WireGuard has it")
    func claimedTwice() throws {
        let parsed = try PeerList.parse([
            Sample.peer(key: Sample.key(1), allowed: ["10.20.4.0/24", "10.20.5.0/24"]),
            Sample.peer(key: Sample.key(2), allowed: ["10.20.4.9/24"]),
        ])
        #expect(parsed[0].allowed.map(\.text) == ["10.20.5.0/24"])
        #expect(parsed[1].allowed.map(\.text) == ["10.20.4.0/24"])
    }

    @Test(
        "validation has the grid's texts",
        arguments: [
            ("network IP range cannot be empty", Sample.network(range: "")),
            ("network resource subnet cannot empty", Sample.network(subnet: "")),
            ("network resource wireguard private key cannot empty", Sample.network(key: "")),
            (
                "peer wireguard subnet cannot empty",
                Sample.network(peers: [.init(subnet: "", publicKey: "k", allowedIPs: [""])])
            ),
            (
                "peer wireguard allowedIPs cannot empty",
                Sample.network(peers: [.init(subnet: "10.1.0.0/24", publicKey: "k", allowedIPs: nil)])
            ),
            ("peer wireguard public key cannot empty", Sample.network(peers: [Sample.peer(key: "")])),
            (
                "invalid mycelium key length, expected 32",
                Sample.network(mycelium: .init(hexKey: Secret("abab")))
            ),
            (
                "user defined peers list is not supported right now",
                Sample.network(mycelium: .init(hexKey: Secret(String(repeating: "ab", count: 32)), peers: ["x"]))
            ),
        ])
    func validation(_ text: String, _ network: Network) throws {
        let error = try #require(throws: PluginError.self) { try network.validate() }
        #expect(error.message == text)
    }

    @Test("what only the strict reading refuses is valid")
    func lenient() throws {
        try Sample.network(subnet: "10.99.0.0/24", key: "any text", port: 0).validate()
        try Sample.network(peers: [Sample.peer(allowed: [""], endpoint: "nowhere")]).validate()
    }

    @Test("secrets are not printed")
    func secrets() {
        var text = ""
        dump(Sample.network(), to: &text)
        text += "\(Sample.network())" + String(reflecting: Sample.network())
        #expect(!text.contains(Sample.key(9)))
    }
}
