import JSON
import Provisioning
import RMB
import Signatures

/// `zos.deployment.*` (docs/spec/node-api.md section 3).
struct DeploymentCommands: Sendable {
    let engine: Engine
    let keys: any TwinKeys

    func register(on router: Router) {
        router.register("zos.deployment.deploy") { request in
            try await Self.answering { try await engine.deploy(request.payload, caller: request.caller.id, keys: keys) }
            return .null
        }
        router.register("zos.deployment.update") { request in
            try await Self.answering { try await engine.update(request.payload, caller: request.caller.id, keys: keys) }
            return .null
        }
        router.register("zos.deployment.get") { request in
            let contract = try CommandArguments(request).uint64("contract_id")
            return try parse(
                try await Self.answering { try await engine.get(contract: contract, caller: request.caller.id) })
        }
        router.register("zos.deployment.list") { request in
            try parse(await engine.list(caller: request.caller.id))
        }
        router.register("zos.deployment.changes") { request in
            let contract = try CommandArguments(request).uint64("contract_id")
            return try parse(
                try await Self.answering { try await engine.changes(contract: contract, caller: request.caller.id) })
        }
        router.register("zos.deployment.plan") { request in
            try await Self.answering { try await engine.plan(request.payload, caller: request.caller.id) }
        }
        router.register("zos.deployment.delete") { _ in
            throw CallError("deletion over the api is disabled, please cancel your contract instead")
        }
    }

    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text, mode: .lenient) }

    /// A refusal's text is the answer.
    static func answering<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw CallError(refusal.message)
        }
    }
}
