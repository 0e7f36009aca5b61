import Hosting
import JSON

/// A deployment in a list of all.
public struct DeploymentOverview: Sendable {
    public let key: DeploymentKey
    public let workloads: [(type: String, name: String, state: RecordState)]
}

/// One workload as administrators look at it.
public struct InspectedWorkload: Sendable {
    public let subject: Subject
    public let state: RecordState
    public let message: String
    /// Unix seconds of the last change.
    public let created: Int64
}

extension Engine {
    /// Active deployments, of one twin or of all, by twin and contract.
    public func overview(twin: UInt32? = nil) -> [DeploymentOverview] {
        let wanted = book.values.filter { $0.isActive && (twin == nil || $0.key.twin == twin) }
        return wanted.sorted { ($0.key.twin, $0.key.contract) < ($1.key.twin, $1.key.contract) }.map { deployment in
            DeploymentOverview(
                key: deployment.key, workloads: deployment.workloads.map { ($0.type, $0.name, $0.state) })
        }
    }

    /// Every workload of a deployment. Throws `.notFound`.
    public func inspect(_ key: DeploymentKey) throws(Refusal) -> [InspectedWorkload] {
        guard let deployment = book[key] else { throw Refusal(.notFound, "deployment not found") }
        return deployment.workloads.compactMap { record in
            // Without must-resolve it cannot throw.
            (try? subject(record, of: key, mustResolve: false)).map {
                InspectedWorkload(
                    subject: $0, state: record.state, message: record.message, created: record.created)
            }
        }
    }

    /// What the lanes work on now, for people.
    public func activity() -> [String] {
        busy.sorted { ($0.twin, $0.contract) < ($1.twin, $1.contract) }.map { "deployment \($0)" }
    }

    /// The caller's workloads of these types that have not failed, as plugins' commands see them.
    public func served(_ types: [String], of twin: UInt32) -> [Subject] {
        let failed = Set(
            book.values.filter { $0.key.twin == twin }.flatMap { deployment in
                deployment.workloads.filter { $0.state == .error }.map {
                    "\(deployment.key.twin)-\(deployment.key.contract)-\($0.name)"
                }
            })
        return subjects(of: types, twin: twin).filter { !failed.contains($0.id) }
    }
}
