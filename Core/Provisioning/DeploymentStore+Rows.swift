import Deployments
import Hosting
import JSON
import SQLite

extension DeploymentStore {
    static func write(_ workload: WorkloadRecord, at position: Int, of key: DeploymentKey, _ connection: Connection)
        throws
    {
        try connection.execute(
            "INSERT OR REPLACE INTO workload VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", key.twin, key.contract,
            workload.name, position, workload.type, workload.version, workload.metadata, workload.description,
            workload.received, workload.data.text, workload.state.rawValue, workload.message, workload.created,
            workload.result.text, workload.pluginState.text, JSONValue.array(workload.exports.map(\.json)).text,
            WorkloadRecord.encode(workload.demands).text, workload.capacity.json.text)
    }

    static func append(_ entry: WorkloadRecord, of key: DeploymentKey, _ connection: Connection) throws {
        try connection.execute(
            "INSERT INTO history (twin, contract, entry) VALUES (?,?,?)", key.twin, key.contract, entry.wireText)
    }

    static func claim(_ names: [String], of key: DeploymentKey, _ connection: Connection) throws {
        for name in names {
            let holder = try connection.first(
                "SELECT contract FROM shared WHERE twin = ? AND name = ?", key.twin, name
            ) { (row) throws(SQLiteError) in try row.uint64(0) }
            if let holder, holder != key.contract {
                throw Refusal(.conflict, "global workload with the same name '\(name)' exists: conflict")
            }
            try connection.execute("INSERT OR REPLACE INTO shared VALUES (?,?,?)", key.twin, name, key.contract)
        }
    }

    static func write(_ job: Job, _ connection: Connection) throws -> Job {
        try connection.execute(
            "INSERT INTO job (twin, contract, kind, reason) VALUES (?,?,?,?)", job.key.twin, job.key.contract,
            job.kind.rawValue, job.reason)
        let id = connection.lastInsertRowID
        var steps: [Step] = []
        for step in job.steps {
            try connection.execute(
                "INSERT INTO step (job, operation, name, target) VALUES (?,?,?,?)", id, step.operation.rawValue,
                step.name, step.target)
            steps.append(
                Step(id: connection.lastInsertRowID, operation: step.operation, name: step.name, target: step.target))
        }
        return Job(id: id, key: job.key, kind: job.kind, reason: job.reason, steps: steps)
    }

    static func jobs(_ connection: Connection) throws -> [Job] {
        var jobs = try connection.query("SELECT id, twin, contract, kind, reason FROM job ORDER BY id") {
            (row) throws(SQLiteError) in
            Job(
                id: try row.int64(0), key: DeploymentKey(twin: try row.uint32(1), contract: try row.uint64(2)),
                kind: try DeploymentStore.known(Job.Kind(rawValue: try row.text(3)), "kind of job"),
                reason: try row.text(4), steps: [])
        }
        for index in jobs.indices {
            jobs[index].steps = try connection.query(
                "SELECT id, operation, name, target FROM step WHERE job = ? ORDER BY id", jobs[index].id
            ) { (row) throws(SQLiteError) in
                Step(
                    id: try row.int64(0),
                    operation: try DeploymentStore.known(Step.Operation(rawValue: try row.text(1)), "operation"),
                    name: try row.text(2), target: row.isNull(3) ? nil : try row.text(3))
            }
        }
        return jobs
    }

    static func deployments(_ connection: Connection) throws -> [DeploymentRecord] {
        var workloads: [DeploymentKey: [WorkloadRecord]] = [:]
        _ = try connection.query(
            "SELECT * FROM workload ORDER BY twin, contract, position"
        ) { (row) throws(SQLiteError) in
            let key = DeploymentKey(twin: try row.uint32(0), contract: try row.uint64(1))
            workloads[key, default: []].append(try workload(row))
        }
        return try connection.query("SELECT * FROM deployment ORDER BY created, contract") {
            (row) throws(SQLiteError) in
            let key = DeploymentKey(twin: try row.uint32(0), contract: try row.uint64(1))
            let accepted = try row.blob(2)
            return DeploymentRecord(
                key: key, accepted: accepted, deployment: try deployment(accepted), hash: try row.text(3),
                reserved: try json(row, 4).arrayValue ?? [], rentContract: try row.optional(6, row.uint64),
                created: try row.int64(5),
                workloads: workloads[key] ?? [])
        }
    }

    private static func deployment(_ accepted: [UInt8]) throws(SQLiteError) -> Deployment {
        do {
            return try Deployment(parsing: accepted, policy: .received)
        } catch {
            throw SQLiteError(.wrongType, "node.db holds a deployment that this program cannot read: \(error.message)")
        }
    }

    private static func workload(_ row: Row) throws(SQLiteError) -> WorkloadRecord {
        var record = WorkloadRecord(
            name: try row.text(2), type: try row.text(4), version: try row.uint32(5), metadata: try row.text(6),
            description: try row.text(7), received: try row.text(8), data: try json(row, 9),
            created: try row.int64(12), demands: WorkloadRecord.decodeDemands(try json(row, 16)),
            capacity: try known(Capacity(try json(row, 17)), "capacity"))
        record.state = try known(RecordState(rawValue: try row.text(10)), "state")
        record.message = try row.text(11)
        record.result = try json(row, 13)
        record.pluginState = try json(row, 14)
        record.exports = WorkloadRecord.decodeExports(try json(row, 15))
        return record
    }

    private static func json(_ row: Row, _ column: Int32) throws(SQLiteError) -> JSONValue {
        let text = try row.text(column)
        do {
            return try JSONValue(parsing: text, mode: .strict)
        } catch {
            throw SQLiteError(.wrongType, "column \(column) holds no JSON: \(error)")
        }
    }

    private static func known<T>(_ value: T?, _ what: String) throws(SQLiteError) -> T {
        guard let value else {
            throw SQLiteError(
                .wrongType, "node.db holds a \(what) that this program does not know; restore it or upgrade")
        }
        return value
    }
}
