/// The state that a result reports (docs/spec/deployment.md section 4.3). Open: texts of nodes may hold others.
public struct WorkloadState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Before storage.
    public static let none = WorkloadState(rawValue: "")
    /// Accepted and stored, not yet run.
    public static let initial = WorkloadState(rawValue: "init")
    public static let ok = WorkloadState(rawValue: "ok")
    /// Suspended because the contract is in its grace period.
    public static let paused = WorkloadState(rawValue: "paused")
    /// Failed; final until an update changes it.
    public static let error = WorkloadState(rawValue: "error")
    /// Removed; only seen in history.
    public static let deleted = WorkloadState(rawValue: "deleted")
    /// A change was refused and the workload runs as before; only seen in history.
    public static let unchanged = WorkloadState(rawValue: "unchanged")

    /// Whether the workload consumes capacity.
    public var isOkay: Bool { self == .ok || self == .paused }
    /// Whether the workload keeps its deployment active.
    public var isActive: Bool { self != .error && self != .deleted }
    public var description: String { rawValue }
}
