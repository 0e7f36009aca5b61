import Deployments
import Schema

extension DeploymentBuilder {
    /// Checks structure, and each workload's data against the schema that the node has for its type.
    func validate(_ deployment: Deployment) async throws(ClientError) {
        let data: [EvaluatedData]
        do throws(DeploymentError) {
            data = try deployment.checkedStructure { _ in true }
        } catch {
            throw ClientError(.invalid, error.message)
        }
        var schemas: [[UInt8]: Schema] = [:]
        for (workload, evaluated) in zip(deployment.workloads, data) {
            let type = Array(workload.type.utf8)
            let schema: Schema
            if let known = schemas[type] { schema = known } else { schema = try await self.schema(of: workload.type) }
            schemas[type] = schema
            let violations = schema.validate(evaluated.value)
            guard violations.isEmpty else {
                throw ClientError(
                    .invalid,
                    "data of '\(workload.name)': " + violations.map(\.description).joined(separator: "; "),
                    hint: "zos explain \(workload.type) shows what it takes")
            }
        }
    }

    func schema(of type: String) async throws(ClientError) -> Schema {
        let description = try await node.describe(type: type)
        guard let document = description["schema"] else {
            throw ClientError(.badAnswer, "the node sent no schema for type '\(type)'")
        }
        do throws(SchemaError) { return try Schema(compiling: document) } catch {
            throw ClientError(.badAnswer, "the node's schema for type '\(type)' cannot be used: \(error)")
        }
    }

    static func challenge(_ deployment: Deployment) throws(ClientError) -> Challenge {
        do throws(DeploymentError) { return try deployment.challenge() } catch {
            throw ClientError(.invalid, error.message)
        }
    }
}
