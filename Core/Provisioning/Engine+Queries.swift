import Hosting
import JSON

extension Engine {
    /// A deployment of the caller's, as JSON text with results. Throws `.notFound`.
    public func get(contract: UInt64, caller: UInt32) throws -> String {
        guard let record = book[DeploymentKey(twin: caller, contract: contract)] else {
            throw Refusal(.notFound, "deployment not found")
        }
        return record.wireText { [progress] in progress["\(caller)-\(contract)-\($0)"] }
    }

    /// A workload that another one may name: of its deployment, or a shareable one of its twin's.
    public func lookup(_ wanted: WorkloadName, from subject: Subject) -> WorkloadView? {
        let key = DeploymentKey(twin: subject.twin, contract: subject.contract)
        let found: (key: DeploymentKey, record: WorkloadRecord)?
        switch wanted {
        case .name(let name):
            let demand = ReferenceDemand(pointer: "", name: name, exports: [], types: nil, scope: .twin)
            found = find(demand, for: key).map { ($0, $1) }
        case .id(let id):
            found = workload(id).flatMap { owner, record in
                let isVisible =
                    owner == key
                    || (owner.twin == key.twin && host.type(named: record.type)?.isShareable ?? false)
                return isVisible && record.isActive ? (owner, record) : nil
            }
        }
        guard let (owner, record) = found else { return nil }
        return WorkloadView(
            id: "\(owner.twin)-\(owner.contract)-\(record.name)", name: record.name, type: record.type,
            version: record.version, state: record.state.rawValue, data: record.data, result: record.result)
    }

    /// The id of every workload that is stored or that a stored step is about, whatever its state.
    public func workloadIDs() -> Set<String> {
        let stored = book.values.flatMap { deployment in
            deployment.workloads.map { "\(deployment.key.twin)-\(deployment.key.contract)-\($0.name)" }
        }
        let waiting = lanes.values.joined().flatMap { job in
            job.steps.map { "\(job.key.twin)-\(job.key.contract)-\($0.name)" }
        }
        return Set(stored).union(waiting)
    }

    /// The request that was accepted last, byte for byte.
    public func acceptedText(contract: UInt64, twin: UInt32) -> [UInt8]? {
        book[DeploymentKey(twin: twin, contract: contract)]?.accepted
    }

    /// The caller's deployments with at least one workload neither failed nor removed, as a JSON list.
    public func list(caller: UInt32) -> String {
        let own = book.values.filter { $0.key.twin == caller && $0.isActive }
        return "[" + own.sorted { $0.key.contract < $1.key.contract }.map(\.wireText).joined(separator: ",") + "]"
    }

    /// The history of a deployment of the caller's, as a JSON list; `null` if it is empty. Throws `.notFound`.
    public func changes(contract: UInt64, caller: UInt32) async throws -> String {
        let key = DeploymentKey(twin: caller, contract: contract)
        guard book[key] != nil else { throw Refusal(.notFound, "deployment not found") }
        let entries = try await store.history(of: key)
        return entries.isEmpty ? "null" : "[" + entries.joined(separator: ",") + "]"
    }

    /// The caller's workloads of these types, as their plugin sees them.
    public func subjects(of types: [String], twin: UInt32) -> [Subject] {
        subjects(of: types).filter { $0.twin == twin }
    }

    /// Figures for `zos.statistics.get`.
    public func figures() -> (used: Capacity, deployments: Int, workloads: Int, lastAccepted: Int64) {
        let active = book.values.filter(\.isActive)
        let workloads = active.reduce(0) { $0 + $1.workloads.count(where: \.state.isOkay) }
        return (reserved(), active.count, workloads, lastAccepted)
    }

    /// Whether nothing is queued or running.
    public var isIdle: Bool {
        !isRecovering && lanes.isEmpty && busy.isEmpty && accepting.isEmpty && awaiting.isEmpty
    }

    /// Provisions one workload again, because what ran for it has ended.
    public func reprovision(_ id: String) {
        guard let (key, record) = workload(id), record.state.isOkay else { return }
        let step = Step(id: 0, operation: .add, name: record.name, target: nil)
        enqueue(Job(id: 0, key: key, kind: .deploy, reason: "", steps: [step]))
    }

    /// Records that a workload no longer works, in its plugin's words.
    public func fail(_ id: String, message: String) async {
        guard let (key, record) = workload(id), record.state.isOkay else { return }
        var next = record
        next.state = .error
        next.message = message
        next.created = settings.now()
        let job = Job(id: 0, key: key, kind: .deploy, reason: "", steps: [])
        _ = await self.record(nil, of: job, current: next, entry: next)
    }

    /// Keeps a plugin's last word on how far a workload is, until its step ends. It shows in `get` and nowhere on disk.
    public func note(progress message: String, of id: String) {
        guard workload(id)?.1.isActive ?? false else { return }
        progress[id] = message
        log.info("workload progress", metadata: ["workload": "\(id)", "progress": "\(message)"])
    }

    func workload(_ id: String) -> (DeploymentKey, WorkloadRecord)? {
        for deployment in book.values {
            for workload in deployment.workloads
            where "\(deployment.key.twin)-\(deployment.key.contract)-\(workload.name)".utf8.elementsEqual(id.utf8) {
                return (deployment.key, workload)
            }
        }
        return nil
    }
}
