import Netlink
import PluginSDK
import Testing

@testable import NetworkProvisioner

@Suite("The text protocol of wireguard-go")
struct UserspaceProtocolTests {
    private let key = [UInt8](repeating: 0xab, count: 32)
    private var hex: String { String(repeating: "ab", count: 32) }

    @Test("a change names each peer and never replaces the set")
    func request() throws {
        let range = try #require(InterfaceAddress(bytes: [10, 20, 4, 0], prefix: 24))
        let endpoint = WireGuardPeer.Endpoint(
            address: [0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1], port: 5)
        let peer = WireGuardPeer(publicKey: key, endpoint: endpoint, allowed: [range], keepalive: 20)
        let change = WireGuardChange(privateKey: key, listenPort: 4000, peers: [.remove(key), .set(peer)])
        #expect(
            UserspaceProtocol.request(for: change) == """
                set=1
                private_key=\(hex)
                listen_port=4000
                public_key=\(hex)
                remove=true
                public_key=\(hex)
                endpoint=[2001:db8::1]:5
                persistent_keepalive_interval=20
                replace_allowed_ips=true
                allowed_ip=10.20.4.0/24


                """)
    }

    @Test("an answer is read, unknown lines are passed over")
    func answer() throws {
        let device = try UserspaceProtocol.device(
            from: """
                private_key=\(hex)
                listen_port=4000
                public_key=\(hex)
                preshared_key=\(hex)
                protocol_version=1
                endpoint=192.0.2.1:51820
                last_handshake_time_sec=17
                persistent_keepalive_interval=20
                allowed_ip=10.20.4.0/24
                errno=0

                """)
        #expect(device.privateKey == key && device.listenPort == 4000)
        #expect(device.peers.count == 1)
        #expect(device.peers.first?.endpoint == WireGuardPeer.Endpoint(address: [192, 0, 2, 1], port: 51820))
        #expect(device.peers.first?.allowed.map(\.text) == ["10.20.4.0/24"])
        #expect(device.peers.first?.lastHandshake == 17)
    }

    @Test("cut, failed and senseless answers are errors", arguments: ["", "errno=-22\n", "listen_port=1\n", "hello\n"])
    func refused(_ text: String) {
        #expect(throws: PluginError.self) { try UserspaceProtocol.device(from: text) }
    }

    @Test("only what differs is changed, and a peer that moved is left where it is")
    func difference() throws {
        let plan = try NetworkPlan(
            Sample.network(peers: [
                Sample.peer(key: Sample.key(1), endpoint: "192.0.2.1:5"),
                Sample.peer(key: Sample.key(2), allowed: ["10.20.5.0/24"]),
            ]), twin: 7, name: "net")
        var device = WireGuardDevice(
            privateKey: WireGuardChange.clamped(plan.privateKey), listenPort: 4000, peers: plan.peers)
        #expect(WireGuardChange(from: device, to: plan).isEmpty)
        device.peers[0].endpoint = WireGuardPeer.Endpoint(address: [198, 51, 100, 9], port: 7)
        #expect(WireGuardChange(from: device, to: plan).isEmpty)
        device.peers.append(WireGuardPeer(publicKey: key))
        device.peers[1].allowed = []
        device.listenPort = 1
        let change = WireGuardChange(from: device, to: plan)
        #expect(change.privateKey == nil && change.listenPort == 4000)
        #expect(change.peers == [.remove(key), .set(plan.peers[1])])
    }
}
