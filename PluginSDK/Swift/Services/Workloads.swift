import JSON

/// Other workloads, as far as the context's workload may see them.
public struct Workloads: Sendable {
    let context: Context

    /// The workload of that name in the same deployment, or a shareable one of the twin's other deployments; nil if there
    /// is none, or none that may be seen.
    public func find(_ name: String) async throws -> FoundWorkload? { try await find("name", name) }

    /// The same by a workload's id.
    public func find(id: String) async throws -> FoundWorkload? { try await find("reference", id) }

    private func find(_ member: String, _ text: String) async throws -> FoundWorkload? {
        let reply = try await context.call("workload.lookup", [member: .string(text)]).payload
        guard let found = reply["workload"], !found.isNull else { return nil }
        return try FoundWorkload(found)
    }

    /// The ids of the plugin's own: those of the context's deployment, or all in a context without a workload.
    public func own() async throws -> [String] {
        try await context.call("workload.list").payload.list("workloads").map { try $0.text("id") }
    }
}
