/// What a node has of each resource, or what is taken of it.
public struct NodeCapacity: Sendable, Hashable, Decodable {
    /// Processor cores.
    public let cores: UInt64
    /// Bytes on SSDs.
    public let fastStorage: UInt64
    /// Bytes on hard disks.
    public let slowStorage: UInt64
    /// Bytes of memory.
    public let memory: UInt64
    /// Public IPv4 addresses.
    public let addresses: UInt64

    static let none = NodeCapacity(cores: 0, fastStorage: 0, slowStorage: 0, memory: 0, addresses: 0)

    init(cores: UInt64, fastStorage: UInt64, slowStorage: UInt64, memory: UInt64, addresses: UInt64) {
        self.cores = cores
        self.fastStorage = fastStorage
        self.slowStorage = slowStorage
        self.memory = memory
        self.addresses = addresses
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        cores = try members.value(.cores, or: 0)
        fastStorage = try members.value(.fastStorage, or: 0)
        slowStorage = try members.value(.slowStorage, or: 0)
        memory = try members.value(.memory, or: 0)
        addresses = try members.value(.addresses, or: 0)
    }

    private enum CodingKeys: String, CodingKey {
        case cores = "cru", fastStorage = "sru", slowStorage = "hru", memory = "mru", addresses = "ipv4u"
    }
}
