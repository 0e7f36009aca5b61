import JSON

extension Context {
    /// The workloads whose running companions hold a descriptor of what the context's workload exports.
    public func exportHolders() async throws -> [String] {
        try await call("export.holders").payload.list("workloads").compactMap(\.stringValue)
    }
}
