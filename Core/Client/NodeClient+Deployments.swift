import Deployments
import JSON

extension NodeClient {
    /// Hands a signed deployment to the node. Returns when it is accepted; its workloads run later.
    public func deploy(_ deployment: Deployment) async throws(ClientError) {
        _ = try await call("zos.deployment.deploy", try Self.payload(deployment))
    }

    /// Hands a signed new version to the node.
    public func update(_ deployment: Deployment) async throws(ClientError) {
        _ = try await call("zos.deployment.update", try Self.payload(deployment))
    }

    /// The deployment of a contract as it stands, results included.
    public func deployment(contract: UInt64) async throws(ClientError) -> Deployment {
        try Self.deployment(try await call("zos.deployment.get", Self.query(contract)))
    }

    /// The caller's deployments that have at least one workload neither deleted nor failed.
    public func deployments() async throws(ClientError) -> [Deployment] {
        var deployments: [Deployment] = []
        for value in try await call("zos.deployment.list").arrayValue ?? [] {
            deployments.append(try Self.deployment(value))
        }
        return deployments
    }

    /// Every state change of a contract's workloads, in order.
    public func changes(contract: UInt64) async throws(ClientError) -> [Workload] {
        var changes: [Workload] = []
        for value in try await call("zos.deployment.changes", Self.query(contract)).arrayValue ?? [] {
            do throws(DeploymentError) {
                changes.append(try Workload(parsing: Array(value.text.utf8), policy: .answered))
            } catch {
                throw ClientError(.badAnswer, "the node's history of contract \(contract) cannot be read: \(error)")
            }
        }
        return changes
    }

    /// What the node would do with a deployment: `workloads`, each with `name`, `type`, `operation` and `capacity`
    /// (`cru`, `sru`, `hru`, `mru`, `ipv4u`). Nothing is signed or kept. Nil from nodes that do not know the command.
    public func plan(_ deployment: Deployment) async throws(ClientError) -> JSONValue? {
        do throws(ClientError) {
            return try await call("zos.deployment.plan", try Self.payload(deployment))
        } catch {
            guard error.code == .refused, error.message.contains("function is not found") else { throw error }
            return nil
        }
    }

    private static func query(_ contract: UInt64) -> JSONValue {
        ["contract_id": .number(JSONNumber(contract))]
    }

    /// The deployment's own text as a value. Numbers and member order survive; nothing that was signed changes.
    private static func payload(_ deployment: Deployment) throws(ClientError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(
                parsing: deployment.json, mode: .lenient, limits: JSONLimits(maxDepth: JSONLimits.deepest))
        } catch {
            throw ClientError(.invalid, "the deployment cannot be written as JSON: \(error)")
        }
    }

    private static func deployment(_ value: JSONValue) throws(ClientError) -> Deployment {
        do throws(DeploymentError) {
            return try Deployment(parsing: Array(value.text.utf8), policy: .answered)
        } catch {
            throw ClientError(.badAnswer, "the node's deployment cannot be read: \(error)")
        }
    }
}
