import JSON

extension NodeClient {
    public func version() async throws(ClientError) -> NodeVersions {
        let command = "zos.system.version"
        return try await call(command).answer(to: command)
    }

    /// What the firmware says about the machine: `tooling` and `sections` (docs/spec/node-api.md section 6).
    public func firmware() async throws(ClientError) -> JSONValue { try await call("zos.system.dmi") }

    /// The hypervisor that the node itself runs under; nil on bare metal.
    public func hypervisor() async throws(ClientError) -> String? {
        let name = try await call("zos.system.hypervisor").stringValue ?? ""
        return name.isEmpty ? nil : name
    }

    public func diagnostics() async throws(ClientError) -> NodeDiagnosis {
        try NodeDiagnosis(try await call("zos.system.diagnostics"))
    }

    /// Workload types, and how machines can be reached.
    public func features() async throws(ClientError) -> [String] {
        let command = "zos.system.node_features_get"
        return try await call(command).answers(to: command)
    }

    /// The last result of a performance task; nil if it never ran.
    public func performance(of task: String) async throws(ClientError) -> PerformanceResult? {
        let command = "zos.perf.get"
        let answer = try await call(command, ["name": .string(task)], absent: ["result not found"])
        return try answer.map { value throws(ClientError) in try value.answer(to: command) }
    }

    /// The last results of all performance tasks.
    public func performance() async throws(ClientError) -> [PerformanceResult] {
        let command = "zos.perf.get_all"
        return try await call(command).answers(to: command)
    }

    /// Where the node stands; nil if it does not say.
    public func location() async throws(ClientError) -> NodePlace? {
        let command = "zos.location.get"
        let answer = try await call(command, absent: ["failed to fetch location information"])
        return try answer.map { value throws(ClientError) in try value.answer(to: command) }
    }
}
