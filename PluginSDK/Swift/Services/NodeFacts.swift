import JSON

/// What a plugin may know about the node.
public struct NodeFacts: Sendable, Hashable {
    public let id: UInt32
    public let cpus: Int
    /// Bytes.
    public let memory: UInt64
    /// Whether there is a KVM device; that says nothing about its use.
    public let kvm: Bool
    /// For guests.
    public let nameservers: [String]

    public init(id: UInt32, cpus: Int, memory: UInt64, kvm: Bool = false, nameservers: [String] = []) {
        self.id = id
        self.cpus = cpus
        self.memory = memory
        self.kvm = kvm
        self.nameservers = nameservers
    }

    init(_ json: JSONValue) throws {
        self.init(
            id: try json.integer("node"), cpus: try json.integer("cpus"), memory: try json.integer("memory"),
            kvm: json["kvm"]?.boolValue ?? false,
            nameservers: try json.list("nameservers").compactMap(\.stringValue))
    }
}
