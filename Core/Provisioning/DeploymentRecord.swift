import JSON

/// A stored deployment: the bytes that were accepted last, and its workloads as they are now, in list order.
public struct DeploymentRecord: Sendable {
    public let key: DeploymentKey
    public var version: UInt32
    /// The accepted request, byte for byte: what was hashed and signed.
    public var accepted: [UInt8]
    /// Members of the envelope as clients read them back, without `workloads`: name and JSON text, in order.
    public var envelope: DeploymentEnvelope
    /// Public addresses of the contract: `{"ip", "gateway"}`.
    public var reserved: [JSONValue]
    /// Unix seconds.
    public var created: Int64
    public var workloads: [WorkloadRecord]
    /// What each workload was accepted as, by name: the base of the next update's plan.
    public var plan: [PlannedWorkload]

    /// Whether a workload is neither failed nor removed.
    public var isActive: Bool { workloads.contains { $0.state != .error && $0.state != .deleted } }

    public func workload(_ name: String) -> WorkloadRecord? {
        workloads.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The deployment as clients read it (docs/spec/deployment.md section 3).
    public var wireText: String {
        "{\"version\":\(version),\"twin_id\":\(key.twin),\"contract_id\":\(key.contract)"
            + ",\"metadata\":\(JSONValue.string(envelope.metadata).text)"
            + ",\"description\":\(JSONValue.string(envelope.description).text),\"expiration\":\(envelope.expiration)"
            + ",\"signature_requirement\":\(envelope.signatureRequirement)"
            + ",\"workloads\":[\(workloads.filter(\.isActive).map(\.wireText).joined(separator: ","))]}"
    }
}

/// The parts of a deployment that are not its workloads.
public struct DeploymentEnvelope: Sendable {
    public var metadata: String
    public var description: String
    public var expiration: Int64
    /// JSON text.
    public var signatureRequirement: String

    public init(metadata: String, description: String, expiration: Int64, signatureRequirement: String) {
        self.metadata = metadata
        self.description = description
        self.expiration = expiration
        self.signatureRequirement = signatureRequirement
    }
}

/// A workload as it was accepted last, whatever has become of it since.
public struct PlannedWorkload: Sendable {
    public let name: String
    public let type: String
    public let version: UInt32

    public init(name: String, type: String, version: UInt32) {
        self.name = name
        self.type = type
        self.version = version
    }
}
