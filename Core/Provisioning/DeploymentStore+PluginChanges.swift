import JSON
import SQLite

/// The journal of changes of plugins. It lies beside the workloads, so that their states and the change that turns them into another form are
/// committed together.
extension DeploymentStore {
    /// Opens a change. From now on the next start takes it back unless it is committed.
    public func begin(_ change: PluginChange, at now: Int64) async throws -> PluginChange {
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO plugin_change (plugin, kind, from_version, to_version, to_digest, phase, started) "
                    + "VALUES (?,?,?,?,?,?,?)",
                change.plugin, change.kind.rawValue, change.from, change.to, change.digest, change.phase.rawValue, now)
            var opened = change
            opened.id = connection.lastInsertRowID
            return opened
        }
    }

    /// Adds a line about a step.
    public func note(
        _ change: PluginChange, _ step: String, _ mark: PluginChangeMark, _ detail: JSONValue = [:], at now: Int64
    ) async throws {
        try await database.write { connection in
            try DeploymentStore.note(change, step, mark, detail, now, connection)
        }
    }

    /// Ends a change: states that were migrated and not committed are forgotten.
    public func close(
        _ change: PluginChange, _ phase: PluginChange.Phase, _ step: String, _ detail: JSONValue, at now: Int64
    ) async throws {
        try await database.write { connection in
            try connection.execute("DELETE FROM migrated_state WHERE change = ?", change.id)
            try connection.execute("UPDATE plugin_change SET phase = ? WHERE id = ?", phase.rawValue, change.id)
            try DeploymentStore.note(change, step, .result, detail, now, connection)
        }
    }

    /// Changes that are neither done nor taken back, oldest first.
    public func openChanges() async throws -> [PluginChange] {
        try await database.read { connection in
            try connection.query(
                "SELECT id, plugin, kind, from_version, to_version, to_digest, phase FROM plugin_change "
                    + "WHERE phase IN ('open', 'committed') ORDER BY id"
            ) { (row) throws(SQLiteError) in
                guard let kind = PluginChange.Kind(rawValue: try row.text(2)),
                    let phase = PluginChange.Phase(rawValue: try row.text(6))
                else { throw SQLiteError(.wrongType, "node.db holds a change of a plugin that is not known here") }
                var change = PluginChange(
                    plugin: try row.text(1), kind: kind, from: try row.optional(3, row.text),
                    to: try row.optional(4, row.text),
                    digest: try row.optional(5, row.text))
                change.id = try row.int64(0)
                change.phase = phase
                return change
            }
        }
    }

    /// The changes of a plugin with their steps, oldest first.
    public func pluginHistory(of plugin: String) async throws -> [JSONValue] {
        try await database.read { connection in
            let changes = try connection.query(
                "SELECT id, kind, from_version, to_version, phase, started FROM plugin_change WHERE plugin = ? ORDER BY id",
                plugin
            ) { (row) throws(SQLiteError) -> (Int64, JSONObject) in
                let id = try row.int64(0)
                let texts = [try row.optional(2, row.text), try row.optional(3, row.text)]
                return (
                    id,
                    [
                        "id": .number(JSONNumber(id)), "plugin": .string(plugin), "kind": .string(try row.text(1)),
                        "from": texts[0].map { .string($0) } ?? .null, "to": texts[1].map { .string($0) } ?? .null,
                        "phase": .string(try row.text(4)), "started": .number(JSONNumber(try row.int64(5))),
                    ]
                )
            }
            return try changes.map { id, change in
                var change = change
                change["steps"] = .array(
                    try connection.query(
                        "SELECT step, kind, detail, at FROM plugin_change_step WHERE change = ? ORDER BY id", id
                    ) { (row) throws(SQLiteError) in
                        let detail = try? JSONValue(parsing: try row.text(2))  // Written as JSON below.
                        return [
                            "step": .string(try row.text(0)), "kind": .string(try row.text(1)),
                            "detail": detail ?? .null,
                            "at": .number(JSONNumber(try row.int64(3))),
                        ]
                    })
                return .object(change)
            }
        }
    }

    /// Keeps states in their new form beside those that the old version reads.
    func keep(_ states: [MigratedState], of change: PluginChange, at now: Int64) async throws {
        try await database.write { connection in
            try connection.execute("DELETE FROM migrated_state WHERE change = ?", change.id)
            for state in states {
                try connection.execute(
                    "INSERT INTO migrated_state VALUES (?,?,?,?,?)", change.id, state.key.twin, state.key.contract,
                    state.name, state.state.text)
            }
            let detail: JSONValue = ["workloads": .number(JSONNumber(states.count))]
            try DeploymentStore.note(change, "migrate", .effect, detail, now, connection)
        }
    }

    /// The point of no return, in one transaction: the states take their new form, and the change is committed.
    func commit(_ states: [MigratedState], of change: PluginChange, at now: Int64) async throws {
        try await database.write { connection in
            for state in states {
                try connection.execute(
                    "UPDATE workload SET plugin_state = ? WHERE twin = ? AND contract = ? AND name = ?",
                    state.state.text, state.key.twin, state.key.contract, state.name)
            }
            try connection.execute("DELETE FROM migrated_state WHERE change = ?", change.id)
            try connection.execute("UPDATE plugin_change SET phase = 'committed' WHERE id = ?", change.id)
            let detail: JSONValue = ["states": .number(JSONNumber(states.count))]
            try DeploymentStore.note(change, "switch", .effect, detail, now, connection)
        }
    }

    private static func note(
        _ change: PluginChange, _ step: String, _ mark: PluginChangeMark, _ detail: JSONValue, _ now: Int64,
        _ connection: Connection
    ) throws {
        try connection.execute(
            "INSERT INTO plugin_change_step (change, step, kind, detail, at) VALUES (?,?,?,?,?)", change.id, step,
            mark.rawValue, detail.text, now)
    }
}

/// The state of a workload in the form of another version of its plugin.
struct MigratedState: Sendable {
    let key: DeploymentKey
    let name: String
    let state: JSONValue
}
