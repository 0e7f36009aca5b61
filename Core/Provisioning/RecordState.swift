/// States of a workload as clients see them (docs/spec/deployment.md section 4.3).
public enum RecordState: String, Sendable {
    case initial = "init"
    case ok, paused, error, deleted, unchanged

    /// Whether the workload runs or is suspended: it holds capacity and others may refer to it.
    public var isOkay: Bool { self == .ok || self == .paused }
}
