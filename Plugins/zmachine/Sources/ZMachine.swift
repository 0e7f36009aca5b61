import JSON

/// The data of a machine (docs/spec/deployment.md section 6.7). Lists and maps that the user has not set are nil.
public struct ZMachine: Codable, Sendable {
    /// URL of the root file system.
    public var flist: String
    public var network: Network
    /// Bytes of the root disk, 0 for the minimum.
    public var size: UInt64
    public var computeCapacity: ComputeCapacity
    public var mounts: [Mount]?
    public var entrypoint: String
    /// Text to text; kept as JSON, since two of its keys may be the same text to Swift and different bytes.
    public var env: JSONValue?
    public var corex: Bool
    public var gpu: [String]?

    public struct Network: Codable, Sendable {
        public var publicIP: String
        public var planetary: Bool
        public var mycelium: Mycelium?
        public var interfaces: [Interface]?

        enum CodingKeys: String, CodingKey {
            case publicIP = "public_ip"
            case planetary, mycelium, interfaces
        }
    }

    public struct Interface: Codable, Sendable {
        public var network: String
        public var ip: String
    }

    public struct Mycelium: Codable, Sendable {
        public var network: String
        public var seed: String

        enum CodingKeys: String, CodingKey {
            case network = "Network"
            case seed = "hex_seed"
        }
    }

    public struct ComputeCapacity: Codable, Sendable {
        public var cpu: UInt8
        /// Bytes.
        public var memory: UInt64
    }

    public struct Mount: Codable, Sendable {
        public var name: String
        public var mountpoint: String
    }

    enum CodingKeys: String, CodingKey {
        case flist, network, size
        case computeCapacity = "compute_capacity"
        case mounts, entrypoint, env, corex, gpu
    }

    /// The variables in the order of the data.
    var variables: [(name: String, value: String)] {
        (env?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
    }
}
