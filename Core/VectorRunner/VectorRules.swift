import Deployments
import JSON
import Synchronization

/// The rules of installed plugins; a type without plugin passes, and is remembered as not judged.
final class VectorRules: TypeRules {
    let plugins: (any TypeRules)?
    private let unjudgedTypes = Mutex<Set<String>>([])

    init(plugins: (any TypeRules)?) { self.plugins = plugins }

    /// The types that could not be judged, since this was last asked.
    func takeUnjudged() -> [String] {
        unjudgedTypes.withLock { types in
            defer { types = [] }
            return types.sorted()
        }
    }

    /// The vectors know the historic types and no others.
    func knows(_ type: String) -> Bool { HistoricTypes.contains(type) }

    func refusal(of subject: TypeRuleSubject) async throws(DeploymentError) -> String? {
        let type = subject.workload.type
        guard let plugins, plugins.knows(type) else {
            unjudgedTypes.withLock { _ = $0.insert(type) }
            return nil
        }
        return try await plugins.refusal(of: subject)
    }

    func capacity(of type: String, data: JSONValue) async throws(DeploymentError) -> JSONValue? {
        guard let plugins, plugins.knows(type) else { return nil }
        return try await plugins.capacity(of: type, data: data)
    }
}
