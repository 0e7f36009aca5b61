import JSON
import Naming

/// One thing that a deployment asks for (docs/spec/deployment.md section 4).
public struct Workload: Sendable {
    /// The deployment's version in which the workload was last changed.
    public var version: UInt32
    /// Unique within the deployment; valid only after the structural check.
    public var name: String
    public var type: String
    /// What the type reads, as received; nil if absent or `null`, which no type accepts.
    public var data: RawJSON?
    public var metadata: String
    public var description: String
    public var result: WorkloadResult

    public init(
        version: UInt32 = 0, name: String, type: String, data: RawJSON?, metadata: String = "",
        description: String = "", result: WorkloadResult = .none
    ) {
        self.version = version
        self.name = name
        self.type = type
        self.data = data
        self.metadata = metadata
        self.description = description
        self.result = result
    }

    /// Reads one workload as `changes` answers it. Throws `.json` and `.limit`.
    public init(parsing text: [UInt8], policy: DecodingPolicy) throws(DeploymentError) {
        let text = try GridRecord.json { () throws(JSONError) in
            try JSONText(
                text, mode: .lenient,
                limits: JSONLimits(maxBytes: policy.limits.text, maxDepth: policy.limits.depth))
        }
        self = try Workload(GridRecord(text, path: "workload", policy: policy), policy: policy)
    }

    init(_ record: GridRecord, policy: DecodingPolicy) throws(DeploymentError) {
        let limits = policy.limits
        self.init(
            version: try record.unsigned("version"),
            name: try record.text("name", limit: limits.shortText),
            type: try record.text("type", limit: limits.shortText),
            data: try record.part("data").map(RawJSON.init),
            metadata: try record.text("metadata", limit: limits.freeText),
            description: try record.text("description", limit: limits.freeText))
        // Read even if it is dropped: a result that does not decode is an error in both cases.
        if let record = try record.record("result") {
            let result = try WorkloadResult(record, policy: policy)
            if policy.results == .kept { self.result = result }
        }
    }

    /// The grid's form, byte for byte.
    public var json: String {
        var writer = GridWriter()
        writer.number("version", version)
        writer.text("name", name)
        writer.text("type", type)
        writer.raw("data", data?.compacted ?? "null")
        writer.text("metadata", metadata)
        writer.text("description", description)
        writer.raw("result", result.json)
        return writer.json
    }

    public func id(twin: UInt32, contract: UInt64) -> WorkloadID {
        WorkloadID(twin: twin, contract: contract, name: name)
    }
}

extension Workload: Hashable {
    /// Equal if they are written alike, by bytes.
    public static func == (left: Workload, right: Workload) -> Bool { left.json.utf8.elementsEqual(right.json.utf8) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(version)
        for byte in name.utf8 { hasher.combine(byte) }
    }
}
