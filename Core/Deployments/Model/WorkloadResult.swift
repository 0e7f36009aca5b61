import JSON

/// What a node says about a workload (docs/spec/deployment.md section 4.3).
public struct WorkloadResult: Sendable, Hashable {
    /// Seconds since 1970 at which the result was written.
    public var created: Int64
    public var state: WorkloadState
    /// Error or reason, empty if there is none.
    public var message: String
    /// What the type reports; nil is written `null`.
    public var data: RawJSON?

    public init(created: Int64 = 0, state: WorkloadState = .none, message: String = "", data: RawJSON? = nil) {
        self.created = created
        self.state = state
        self.message = message
        self.data = data
    }

    /// Nothing reported yet.
    public static let none = WorkloadResult()

    init(_ record: GridRecord, policy: DecodingPolicy) throws(DeploymentError) {
        self.init(
            created: try record.time("created"),
            state: WorkloadState(rawValue: try record.text("state", limit: policy.limits.shortText)),
            message: try record.text("message", limit: policy.limits.text),
            data: try record.part("data").map(RawJSON.init))
    }

    var json: String {
        var writer = GridWriter()
        writer.number("created", created)
        writer.text("state", state.rawValue)
        writer.text("message", message)
        writer.raw("data", data?.compacted ?? "null")
        return writer.json
    }
}
