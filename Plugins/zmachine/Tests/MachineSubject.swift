import JSON

/// A machine with a network, a disk and a public address, as the node hands it to the plugin.
enum MachineSubject {
    static func data(_ change: (inout JSONObject) -> Void = { _ in }) -> JSONValue {
        var data: JSONObject = [
            "flist": "dir:///roots/example",
            "network": [
                "public_ip": "", "planetary": false,
                "interfaces": [["network": "net", "ip": "10.20.3.2"]],
            ],
            "size": 0, "compute_capacity": ["cpu": 1, "memory": 268_435_456],
            "mounts": [["name": "data", "mountpoint": "/data"]], "entrypoint": "/sbin/app", "env": ["K": "it's"],
            "corex": false,
        ]
        change(&data)
        return .object(data)
    }

    static let network: JSONValue = [
        "pointer": "/network/interfaces/0/network", "name": "net", "workload": "7-11-net", "type": "network",
        "state": "ok", "data": [:], "result": .null,
        "exports": [
            [
                "kind": "segment",
                "value": [
                    "segment": "b-x", "subnet": "10.20.3.0/24", "ip_range": "10.20.0.0/16", "gateway": "10.20.3.1",
                    "gateway6": "fe80::1", "ipv6": "fd53:7670:4e68:3::/64",
                ],
            ],
            ["kind": "address", "value": ["namespace": "n-x", "address": "10.20.3.1"]],
        ],
    ]

    static let disk: JSONValue = [
        "pointer": "/mounts/0/name", "name": "data", "workload": "7-12-data", "type": "zmount", "state": "ok",
        "data": [:], "result": .null,
        "exports": [["kind": "block-device", "value": ["path": "vdisks/7-12-data", "size": 1_048_576]]],
    ]

    static let address: JSONValue = [
        "pointer": "/network/public_ip", "name": "ip", "workload": "7-12-ip", "type": "ip", "state": "ok",
        "data": [:], "result": ["ip": "198.51.100.7/24", "ip6": "", "gateway": "198.51.100.1"],
        "exports": [["kind": "segment", "value": ["segment": "br-pub"]]],
    ]

    static func subject(
        _ data: JSONValue = data(), references: [JSONValue] = [network, disk], siblings: [JSONValue] = [],
        result: JSONValue = .null
    ) -> JSONValue {
        [
            "id": "7-12-vm", "twin": 7, "contract": 12, "name": "vm", "type": "zmachine", "version": 0, "data": data,
            "result": result, "references": .array(references), "siblings": .array(siblings),
        ]
    }

    /// A machine that takes the public address.
    static var `public`: JSONValue {
        let data = data { data in
            data["network"] = [
                "public_ip": "ip", "planetary": false,
                "interfaces": [["network": "net", "ip": "10.20.3.2"]],
            ]
        }
        let sibling: JSONValue = ["id": "7-12-ip", "name": "ip", "type": "ip", "version": 0, "state": "ok"]
        return subject(data, references: [network, disk, address], siblings: [sibling])
    }
}
