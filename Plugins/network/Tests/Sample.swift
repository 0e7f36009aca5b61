import JSON
import NetworkProvisioner

/// Data for tests.
enum Sample {
    /// 32 bytes of which the first is `number`, in base64.
    static func key(_ number: UInt8) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let head = [digits[Int(number >> 2)], digits[Int(number & 3) << 4]]
        return String(decoding: head, as: UTF8.self) + String(repeating: "A", count: 41) + "="
    }

    static func peer(
        key: String = key(1), allowed: [String] = ["10.20.4.0/24", "100.64.20.4/32"], endpoint: String = ""
    ) -> Network.Peer {
        Network.Peer(subnet: "10.20.4.0/24", publicKey: key, allowedIPs: allowed, endpoint: endpoint)
    }

    static func network(
        range: String = "10.20.0.0/16", subnet: String = "10.20.3.0/24", key: String = key(9), port: UInt16 = 4000,
        peers: [Network.Peer]? = nil, mycelium: Network.Mycelium? = nil
    ) -> Network {
        Network(
            range: range, subnet: subnet, privateKey: Secret(key), listenPort: port, peers: peers, mycelium: mycelium)
    }

    /// What the node says to the plugin about a network.
    static func request(
        _ network: Network, id: String = "7-12-net", name: String = "net", previous: Network? = nil,
        state: JSONValue = .null, siblings: JSONValue = []
    ) throws -> JSONValue {
        let subject: JSONValue = [
            "id": .string(id), "twin": 7, "contract": 12, "name": .string(name), "type": "network", "version": 0,
            "data": try JSONValue(encoding: network), "state": state, "siblings": siblings,
        ]
        guard let previous else { return ["subject": subject, "paused": false] }
        return ["subject": subject, "previous": try JSONValue(encoding: previous)]
    }
}
