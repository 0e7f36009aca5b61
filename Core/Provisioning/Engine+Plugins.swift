import Hosting
import JSON

/// What a change of a plugin has to know of its workloads and does to them.
extension Engine {
    /// The workloads of these types that are provisioned, as their plugin is told of them.
    public func provisioned(of types: [String]) -> [ProvisionedWorkload] {
        book.values.flatMap { deployment in
            deployment.workloads.filter { $0.state.isOkay && types.contains($0.type) }.compactMap { record in
                // Without must-resolve it cannot throw.
                (try? subject(record, of: deployment.key, mustResolve: false)).map {
                    ProvisionedWorkload(subject: $0, isPaused: record.state == .paused)
                }
            }
        }
    }

    /// Ids of the workloads of these types that are not removed, sorted.
    public func live(_ types: [String]) -> [String] {
        book.values.flatMap { deployment in
            deployment.workloads.filter { $0.isActive && types.contains($0.type) }.map { record in
                "\(deployment.key.twin)-\(deployment.key.contract)-\(record.name)"
            }
        }.sorted()
    }

    /// Versions of the states that plugins of these types have kept, with one workload as an example for each.
    public func stateVersions(of types: [String]) -> [UInt32: String] {
        var versions: [UInt32: String] = [:]
        for subject in subjects(of: types) {
            guard let version = subject.state["version"]?.uint64Value.flatMap(UInt32.init(exactly:)) else { continue }
            versions[version] = subject.id
        }
        return versions
    }

    /// Keeps states in a new form beside the present ones, by workload id. The old version of the plugin goes on with its own.
    public func keep(_ states: [String: JSONValue], of change: PluginChange) async throws {
        try await store.keep(migrated(states), of: change, at: settings.now())
    }

    /// Makes states in a new form the present ones and commits the change with them: both or neither.
    public func commit(_ states: [String: JSONValue], of change: PluginChange) async throws {
        let rows = migrated(states)
        try await store.commit(rows, of: change, at: settings.now())
        for row in rows {
            guard
                let index = book[row.key]?.workloads.firstIndex(where: { $0.name.utf8.elementsEqual(row.name.utf8) })
            else { continue }
            book[row.key]?.workloads[index].pluginState = row.state
        }
    }

    private func migrated(_ states: [String: JSONValue]) -> [MigratedState] {
        book.values.flatMap { deployment in
            deployment.workloads.compactMap { record in
                states["\(deployment.key.twin)-\(deployment.key.contract)-\(record.name)"].map {
                    MigratedState(key: deployment.key, name: record.name, state: $0)
                }
            }
        }
    }
}
