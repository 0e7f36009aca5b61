import JSON
import PluginSDK

@testable import PublicIPProvisioner

/// Workloads for tests.
enum Sample {
    static let reserved: [ReservedAddress] = [
        ReservedAddress(ip: "198.51.100.20/24", gateway: "198.51.100.1"),
        ReservedAddress(ip: "198.51.100.21/24", gateway: "198.51.100.1"),
    ]

    static func sibling(_ name: String, ip: String, state: String = "ok") -> Sibling {
        Sibling(
            id: "7-12-\(name)", name: name, type: "ip", state: state, data: ["v4": true, "v6": false],
            result: ["ip": .string(ip), "ip6": "", "gateway": "198.51.100.1"])
    }

    static func workload(
        v6: Bool = false, previous: JSONValue? = nil, siblings: [Sibling] = [], reserved: [ReservedAddress] = reserved
    ) -> Workload<PublicIP> {
        Workload(
            id: "7-12-pub", twin: 7, contract: 12, name: "pub", type: "ip", data: PublicIP(v4: true, v6: v6),
            previousResult: previous, siblings: siblings, reserved: reserved)
    }

    static func request(_ name: String = "pub", data: JSONValue = ["v4": true, "v6": true], result: JSONValue = .null)
        -> JSONValue
    {
        let addresses = reserved.map { address -> JSONValue in
            ["ip": .string(address.ip), "gateway": .string(address.gateway)]
        }
        let subject: JSONValue = [
            "id": .string("7-12-\(name)"), "twin": 7, "contract": 12, "name": .string(name), "type": "ip",
            "version": 0, "data": data, "result": result, "reserved": .array(addresses),
        ]
        return ["subject": subject, "paused": false]
    }
}
