/// The data of a `network` workload (docs/spec/deployment.md section 6.5).
public struct Network: Codable, Sendable, Hashable {
    /// Another part of the network.
    public struct Peer: Codable, Sendable, Hashable {
        public var subnet: String
        public var publicKey: String
        public var allowedIPs: [String]?
        public var endpoint: String

        public init(subnet: String, publicKey: String, allowedIPs: [String]?, endpoint: String = "") {
            self.subnet = subnet
            self.publicKey = publicKey
            self.allowedIPs = allowedIPs
            self.endpoint = endpoint
        }

        enum CodingKeys: String, CodingKey {
            case subnet, endpoint
            case publicKey = "wireguard_public_key"
            case allowedIPs = "allowed_ips"
        }
    }

    public struct Mycelium: Codable, Sendable, Hashable {
        public var hexKey: Secret
        public var peers: [String]?

        public init(hexKey: Secret, peers: [String]? = nil) {
            self.hexKey = hexKey
            self.peers = peers
        }

        enum CodingKeys: String, CodingKey {
            case peers
            case hexKey = "hex_key"
        }
    }

    public var range: String
    public var subnet: String
    public var privateKey: Secret
    public var listenPort: UInt16
    public var peers: [Peer]?
    public var mycelium: Mycelium?

    public init(
        range: String, subnet: String, privateKey: Secret, listenPort: UInt16, peers: [Peer]? = nil,
        mycelium: Mycelium? = nil
    ) {
        self.range = range
        self.subnet = subnet
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.peers = peers
        self.mycelium = mycelium
    }

    enum CodingKeys: String, CodingKey {
        case subnet, peers, mycelium
        case range = "ip_range"
        case privateKey = "wireguard_private_key"
        case listenPort = "wireguard_listen_port"
    }
}
