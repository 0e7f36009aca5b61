import Signatures

/// What a twin asks a node to run (docs/spec/deployment.md section 3).
public struct Deployment: Sendable {
    /// 0 on creation, one more with each update, wrapping.
    public var version: UInt32
    /// The owner.
    public var twin: UInt32
    /// The node contract; not part of the hash.
    public var contract: UInt64
    public var metadata: String
    public var description: String
    /// Seconds since 1970; obsolete, but part of the hash.
    public var expiration: Int64
    public var signatureRequirement: SignatureRequirement
    public var workloads: [Workload]
    /// How empty lists are written.
    public var unsetLists: UnsetLists
    /// Why the text that this was read from has no canonical form, if it has none (section 4 of challenge-rules.md:
    /// outside of `data` the text must be strict).
    let envelopeFault: String?

    public init(
        version: UInt32 = 0, twin: UInt32, contract: UInt64 = 0, metadata: String = "", description: String = "",
        expiration: Int64 = 0, signatureRequirement: SignatureRequirement, workloads: [Workload]
    ) {
        self.version = version
        self.twin = twin
        self.contract = contract
        self.metadata = metadata
        self.description = description
        self.expiration = expiration
        self.signatureRequirement = signatureRequirement
        self.workloads = workloads
        unsetLists = []
        envelopeFault = nil
    }

    /// The workload of that name, compared by bytes.
    public func workload(named name: String) -> Workload? {
        workloads.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

extension Deployment: Hashable {
    /// Equal if they are written alike, by bytes.
    public static func == (left: Deployment, right: Deployment) -> Bool {
        left.json.utf8.elementsEqual(right.json.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(version)
        hasher.combine(twin)
        hasher.combine(contract)
    }
}
