import Hosting
import JSON

/// One network with one peer; each number another one.
struct NetworkSample {
    static let key = "aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    static let peer = "EXVqsGvyXYJmdSpPjWyyNGgbIhJ9Qcc3lsMRjFiHbmE="

    let number: UInt32

    var port: UInt32 { 21_000 + number }

    var subject: Subject {
        Subject(
            id: "\(number)-12-net", twin: number, contract: 12, name: "net", type: "network", version: 0,
            data: [
                "ip_range": "10.20.0.0/16", "subnet": "10.20.3.0/24", "wireguard_private_key": .string(Self.key),
                "wireguard_listen_port": .number(JSONNumber(port)),
                "peers": [
                    [
                        "subnet": "10.20.9.0/24", "wireguard_public_key": .string(Self.peer),
                        "allowed_ips": ["10.20.9.0/24", "100.64.20.9/32"], "endpoint": "",
                    ]
                ],
            ])
    }
}
