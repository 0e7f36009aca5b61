import Deployments
import Hosting
import JSON
import Versioning

extension Engine {
    /// Says what deploying or updating would do, without contract, signatures or effect.
    ///
    /// - Returns: `{"workloads": [{"name", "type", "operation": "add" | "update" | "remove" | "keep", "capacity"}]}`, removals last.
    /// - Throws: `Refusal`, as `deploy` or `update` would.
    public func plan(_ received: [UInt8], caller: UInt32) async throws -> JSONValue {
        let deployment: Deployment
        let evaluated: [EvaluatedData]
        do throws(DeploymentError) {
            deployment = try Deployment(parsing: received, policy: .received)
            evaluated = try deployment.checkedStructure { host.type(named: $0) != nil }
        } catch {
            throw Refusal(.invalid, error.message)
        }
        for (workload, data) in zip(deployment.workloads, evaluated) {
            if let violation = host.type(named: workload.type)?.violation(data.value) {
                throw Refusal(.invalid, "workload '\(workload.name)' of type '\(workload.type)': \(violation)")
            }
        }
        guard deployment.twin == caller else {
            throw Refusal(.foreign, "twin id mismatch (deployment: \(deployment.twin), message: \(caller))")
        }
        let request = CheckedRequest(
            received: received, deployment: deployment, data: evaluated.map(\.value), hash: "")
        let stored = book[request.key]
        var operations: [[UInt8]: String] = [:]
        var leaving: [JSONValue] = []
        if let stored {
            for step in try plan(from: stored, to: request).steps {
                operations[Array(step.workload.name.utf8)] = step.operation.rawValue
                guard step.operation == .remove else { continue }
                leaving.append(
                    Engine.entry(
                        step.workload.name, step.workload.type, "remove",
                        stored.workload(step.workload.name)?.capacity ?? .none))
            }
        } else if deployment.version != 0 {
            throw Refusal(.invalid, "expected version to be 0 on deployment creation: invalid version")
        }
        let judged = try await judge(request, reserved: stored?.reserved ?? [])
        let entries = judged.map { record in
            let operation = stored == nil ? "add" : operations[Array(record.name.utf8)] ?? "keep"
            return Engine.entry(record.name, record.type, operation, record.capacity)
        }
        return ["workloads": .array(entries + leaving)]
    }

    private static func entry(_ name: String, _ type: String, _ operation: String, _ capacity: Capacity) -> JSONValue {
        [
            "name": .string(name), "type": .string(type), "operation": .string(operation), "capacity": capacity.json,
        ]
    }
}
