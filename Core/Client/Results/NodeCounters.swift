/// `zos.statistics.get`: what a node has, what is taken, and by how many (docs/spec/node-api.md section 4).
public struct NodeCounters: Sendable, Hashable, Decodable {
    public struct Users: Sendable, Hashable, Decodable {
        public let deployments: Int
        public let workloads: Int
        /// Unix seconds; 0 for never.
        public let lastDeployment: Int64

        public init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            deployments = try members.value(.deployments, or: 0)
            workloads = try members.value(.workloads, or: 0)
            lastDeployment = try members.value(.lastDeployment, or: 0)
        }

        private enum CodingKeys: String, CodingKey {
            case deployments, workloads, lastDeployment = "last_deployment_timestamp"
        }
    }

    public let total: NodeCapacity
    /// Includes `system`.
    public let used: NodeCapacity
    /// What the node keeps for itself.
    public let system: NodeCapacity
    /// Nil from nodes that do not count them.
    public let users: Users?
    public let openConnections: Int

    /// What can still be had of memory and storage: never below zero.
    public var free: NodeCapacity {
        func rest(_ total: UInt64, _ used: UInt64) -> UInt64 { total - min(total, used) }
        return NodeCapacity(
            cores: rest(total.cores, used.cores), fastStorage: rest(total.fastStorage, used.fastStorage),
            slowStorage: rest(total.slowStorage, used.slowStorage), memory: rest(total.memory, used.memory),
            addresses: rest(total.addresses, used.addresses))
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        total = try members.value(.total, or: .none)
        used = try members.value(.used, or: .none)
        system = try members.value(.system, or: .none)
        users = try members.decodeIfPresent(Users.self, forKey: .users)
        openConnections = try members.value(.openConnections, or: 0)
    }

    private enum CodingKeys: String, CodingKey {
        case total, used, system, users, openConnections = "open_connections"
    }
}
