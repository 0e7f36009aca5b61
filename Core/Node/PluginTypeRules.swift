import Deployments
import Hosting
import JSON

/// The types' own rules, as their schemas and plugins judge them.
public struct PluginTypeRules: TypeRules {
    private let host: any WorkloadHost

    public init(_ host: any WorkloadHost) { self.host = host }

    public func knows(_ type: String) -> Bool { host.type(named: type) != nil }

    public func refusal(of subject: TypeRuleSubject) async throws(DeploymentError) -> String? {
        let workload = subject.workload
        guard let type = host.type(named: workload.type), let data = subject.data[subject.index] else { return nil }
        if let violation = type.violation(data) { return violation }
        do {
            try await host.validate(self.subject(subject, data, plugin: type.plugin))
            return nil
        } catch let error as HostingError where error.code == .invalid {
            return error.message
        } catch {
            throw DeploymentError(.unavailable, "type '\(type.name)' cannot be judged now: \(error)", isRetryable: true)
        }
    }

    public func capacity(of type: String, data: JSONValue) async throws(DeploymentError) -> JSONValue? {
        guard knows(type) else { return nil }
        do {
            return try await host.capacity(type: type, data: data).json
        } catch {
            throw DeploymentError(
                .unavailable, "the capacity of type '\(type)' is not known now: \(error)", isRetryable: true)
        }
    }

    private func subject(_ subject: TypeRuleSubject, _ data: JSONValue, plugin: String) -> Subject {
        let deployment = subject.deployment
        let workload = subject.workload
        var siblings: [JSONValue] = []
        for (index, other) in deployment.workloads.enumerated() where index != subject.index {
            var sibling: JSONObject = [
                "id": .string("\(deployment.twin)-\(deployment.contract)-\(other.name)"), "name": .string(other.name),
                "type": .string(other.type), "version": .number(JSONNumber(other.version)), "state": "init",
            ]
            if host.type(named: other.type)?.plugin == plugin {
                sibling["data"] = subject.data[index] ?? .null
                sibling["result"] = .null
            }
            siblings.append(.object(sibling))
        }
        return Subject(
            id: "\(deployment.twin)-\(deployment.contract)-\(workload.name)", twin: deployment.twin,
            contract: deployment.contract, name: workload.name, type: workload.type, version: workload.version,
            data: data, metadata: workload.metadata, description: workload.description, siblings: siblings)
    }
}
