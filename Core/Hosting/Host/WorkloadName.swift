/// How a plugin names another workload.
public enum WorkloadName: Sendable, Hashable {
    case name(String)
    case id(String)
}
