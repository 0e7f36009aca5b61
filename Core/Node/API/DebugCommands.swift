import Hosting
import JSON
import Provisioning
import RMB

/// `zos.debug.deployment.*`, for administrators (docs/spec/node-api.md section 7). The router has checked the caller.
///
/// `options.system_probe`, which runs a given program on the reference node, is refused: no program is ever run for a caller.
struct DebugCommands: Sendable {
    let engine: Engine
    let inspector: WorkloadInspector

    func register(on router: Router) {
        func command(_ name: String, _ body: @escaping @Sendable (CommandArguments) async throws -> JSONValue) {
            router.register("zos.debug.deployment.\(name)") { try await body(try CommandArguments(optional: $0)) }
        }
        command("list") { try await list($0) }
        command("get") { try await get($0) }
        command("history") { try await history($0) }
        command("info") { try await info($0) }
        command("health") { try await health($0) }
    }

    private func list(_ arguments: CommandArguments) async throws -> JSONValue {
        let twin = try arguments.uint32("twin_id")
        let deployments = await engine.overview(twin: twin == 0 ? nil : twin)
        return [
            "deployments": .array(
                deployments.map { deployment in
                    [
                        "twin_id": .number(JSONNumber(deployment.key.twin)),
                        "contract_id": .number(JSONNumber(deployment.key.contract)),
                        "workloads": .array(
                            deployment.workloads.map {
                                [
                                    "type": .string($0.type), "name": .string($0.name),
                                    "state": .string($0.state.rawValue),
                                ]
                            }),
                    ]
                })
        ]
    }

    private func get(_ arguments: CommandArguments) async throws -> JSONValue {
        let key = try Self.key(arguments)
        let text = try await DeploymentCommands.answering {
            try await engine.get(contract: key.contract, caller: key.twin)
        }
        return ["deployment": try JSONValue(parsing: text, mode: .lenient)]
    }

    private func history(_ arguments: CommandArguments) async throws -> JSONValue {
        let key = try Self.key(arguments)
        let text = try await DeploymentCommands.answering {
            try await engine.changes(contract: key.contract, caller: key.twin)
        }
        let entries = try JSONValue(parsing: text, mode: .lenient).arrayValue ?? []
        return [
            "deployment": .string("\(key)"),
            "history": .array(
                entries.enumerated().map { index, entry in
                    let result = entry["result"]
                    return [
                        "seq": .number(JSONNumber(index + 1)), "type": entry["type"] ?? "", "name": entry["name"] ?? "",
                        "created": result?["created"] ?? 0, "state": result?["state"] ?? "",
                        "message": result?["message"] ?? "",
                    ]
                }),
        ]
    }

    private func info(_ arguments: CommandArguments) async throws -> JSONValue {
        let key = try Self.key(arguments)
        let name = try arguments.text("workload")
        guard !name.isEmpty else { throw CallError("workload name is required") }
        let workloads = try await DeploymentCommands.answering { try await engine.inspect(key) }
        guard let workload = workloads.first(where: { $0.subject.name.utf8.elementsEqual(name.utf8) }) else {
            throw CallError("workload '\(name)' not found in deployment")
        }
        let inspection = try await inspector.inspect(workload, verbose: try arguments.bool("verbose"))
        return [
            "workload_id": .string(workload.subject.id), "type": .string(workload.subject.type),
            "name": .string(workload.subject.name), "info": inspection.info, "logs": .string(inspection.logs),
        ]
    }

    private func health(_ arguments: CommandArguments) async throws -> JSONValue {
        if let options = arguments["options"], try !CommandArguments(options).text("system_probe").isEmpty {
            throw CallError("system_probe is not supported: this node runs no program for a caller")
        }
        let key = try Self.key(arguments)
        let workloads = try await DeploymentCommands.answering { try await engine.inspect(key) }
        var list: [JSONValue] = []
        for workload in workloads { list.append(await inspector.health(of: workload)) }
        return [
            "twin_id": .number(JSONNumber(key.twin)), "contract_id": .number(JSONNumber(key.contract)),
            "workloads": .array(list),
        ]
    }

    /// `<twin>:<contract>`, in the reference's words.
    static func key(_ arguments: CommandArguments) throws(CallError) -> DeploymentKey {
        let text = try arguments.text("deployment")
        guard !text.isEmpty else { throw CallError("deployment identifier is required") }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw CallError("invalid deployment format: expected 'twin-id:contract-id', got '\(text.prefix(100))'")
        }
        guard let twin = decimal(parts[0]).flatMap(UInt32.init(exactly:)) else {
            throw CallError("invalid twin ID: '\(parts[0].prefix(40))' is no 32-bit number")
        }
        guard let contract = decimal(parts[1]) else {
            throw CallError("invalid contract ID: '\(parts[1].prefix(40))' is no 64-bit number")
        }
        return DeploymentKey(twin: twin, contract: contract)
    }

    /// Digits alone: Swift's own reading takes a sign too.
    private static func decimal(_ text: String) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }
}
