import Hosting
import JSON
import SQLite

/// Deployments, their history and the journal of what is still to be done, on disk (SQLite, WAL, synchronous FULL).
///
/// Every method is one transaction that is on disk when it returns; concurrent ones share a commit. A method that throws has changed nothing.
public struct DeploymentStore: Sendable {
    let database: Database

    /// Opens or makes `node.db`. Throws if the file is damaged or from a newer program.
    public init(path: String) throws {
        database = try Database(path: path, migrations: DeploymentStore.migrations)
    }

    /// All deployments with their workloads, and the jobs that are not done, in order.
    func load() async throws -> (deployments: [DeploymentRecord], jobs: [Job]) {
        try await database.read { connection in
            (try DeploymentStore.deployments(connection), try DeploymentStore.jobs(connection))
        }
    }

    /// Stores a new deployment, its first history and its job. Throws `Refusal` if the contract is in use or a shareable name is taken.
    func insert(_ record: DeploymentRecord, shareable: [String], job: Job) async throws -> Job {
        try await database.write { connection in
            let key = record.key
            let known = try connection.first(
                "SELECT 1 FROM deployment WHERE twin = ? AND contract = ?", key.twin, key.contract
            ) { _ in true }
            guard known == nil else { throw Refusal(.exists, "exists") }
            try connection.execute(
                "INSERT INTO deployment VALUES (?,?,?,?,?,?,?)", key.twin, key.contract, record.accepted, record.hash,
                JSONValue.array(record.reserved).text, record.created, record.rentContract)
            for (position, workload) in record.workloads.enumerated() {
                try DeploymentStore.write(workload, at: position, of: key, connection)
                try DeploymentStore.append(workload, of: key, connection)
            }
            try DeploymentStore.claim(shareable, of: key, connection)
            return try DeploymentStore.write(job, connection)
        }
    }

    /// Stores an accepted update: envelope, plan, added workloads, history of what is added, and the job.
    func accept(_ record: DeploymentRecord, added: [WorkloadRecord], shareable: [String], job: Job) async throws -> Job
    {
        try await database.write { connection in
            let key = record.key
            try connection.execute(
                "UPDATE deployment SET accepted = ?, hash = ?, reserved = ?, rent = ? WHERE twin = ? AND contract = ?",
                record.accepted, record.hash, JSONValue.array(record.reserved).text, record.rentContract, key.twin,
                key.contract)
            for (position, workload) in record.workloads.enumerated() {
                if added.contains(where: { $0.name.utf8.elementsEqual(workload.name.utf8) }) {
                    try DeploymentStore.write(workload, at: position, of: key, connection)
                } else {
                    // Only its place: a step that ends meanwhile writes the rest.
                    try connection.execute(
                        "UPDATE workload SET position = ? WHERE twin = ? AND contract = ? AND name = ?", position,
                        key.twin, key.contract, workload.name)
                }
            }
            for workload in added { try DeploymentStore.append(workload, of: key, connection) }
            try DeploymentStore.claim(shareable, of: key, connection)
            return try DeploymentStore.write(job, connection)
        }
    }

    /// Stores a job that the node gives itself (pause, resume, remove).
    func enqueue(_ job: Job) async throws -> Job {
        try await database.write { try DeploymentStore.write(job, $0) }
    }

    /// Stores what a step came to and takes the step off the journal, in one transaction.
    ///
    /// - Parameters:
    ///   - current: the workload as it is now; nil if nothing about it changed.
    ///   - entry: what the history gets; nil if nothing.
    func finish(
        _ step: Step?, of key: DeploymentKey, current: (record: WorkloadRecord, position: Int)?, entry: WorkloadRecord?,
        removed: Bool = false
    ) async throws {
        try await database.write { connection in
            if let current {
                try DeploymentStore.write(current.record, at: current.position, of: key, connection)
            }
            if let entry { try DeploymentStore.append(entry, of: key, connection) }
            if removed, let name = entry?.name {
                try connection.execute(
                    "DELETE FROM workload WHERE twin = ? AND contract = ? AND name = ?", key.twin, key.contract, name)
                try connection.execute(
                    "DELETE FROM shared WHERE twin = ? AND contract = ? AND name = ?", key.twin, key.contract, name)
            }
            if let step { try connection.execute("DELETE FROM step WHERE id = ?", step.id) }
        }
    }

    /// Takes a finished job off the journal.
    func finish(_ job: Job) async throws {
        try await database.write { try $0.execute("DELETE FROM job WHERE id = ?", job.id) }
    }

    /// Forgets a deployment, its history and its jobs.
    func forget(_ key: DeploymentKey) async throws {
        try await database.write { connection in
            for table in ["deployment", "workload", "shared", "history", "job"] {
                try connection.execute(
                    "DELETE FROM \(table) WHERE twin = ? AND contract = ?", key.twin, key.contract)
            }
        }
    }

    /// The history of a deployment, in order of writing: wire texts of workloads.
    func history(of key: DeploymentKey) async throws -> [String] {
        try await database.read { connection in
            try connection.query(
                "SELECT entry FROM history WHERE twin = ? AND contract = ? ORDER BY sequence", key.twin, key.contract
            ) { (row) throws(SQLiteError) in try row.text(0) }
        }
    }

    /// The deployment that holds a shareable name, if any.
    func holder(of name: String, twin: UInt32) async throws -> UInt64? {
        try await database.read { connection in
            try connection.first("SELECT contract FROM shared WHERE twin = ? AND name = ?", twin, name) {
                (row) throws(SQLiteError) in try row.uint64(0)
            }
        }
    }

    /// A number that outlives restarts, such as the last block that was seen.
    func mark(_ name: String) async throws -> Int64? {
        try await database.read { connection in
            try connection.first("SELECT value FROM mark WHERE name = ?", name) { (row) throws(SQLiteError) in
                try row.int64(0)
            }
        }
    }

    func setMark(_ name: String, to value: Int64) async throws {
        try await database.write {
            try $0.execute(
                "INSERT INTO mark VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
        }
    }
}
