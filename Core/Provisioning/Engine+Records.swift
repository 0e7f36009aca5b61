import Hosting
import JSON

extension Engine {
    /// Stores a step's end on disk, then in the book. If the disk refuses, the step stays and is run again at the next start.
    func record(
        _ step: Step?, of job: Job, name: String? = nil, current: WorkloadRecord?, entry: WorkloadRecord?,
        removed: Bool = false
    ) async -> Bool {
        let stored = step.flatMap { $0.id == 0 ? nil : $0 }
        let position = current.flatMap { record in
            book[job.key]?.workloads.firstIndex { $0.name.utf8.elementsEqual(record.name.utf8) }
        }
        let place = current.flatMap { record in position.map { (record: record, position: $0) } }
        do {
            try await store.finish(stored, of: job.key, current: place, entry: entry, removed: removed)
        } catch {
            log.error("result not stored", metadata: ["deployment": "\(job.key)", "error": "\(error)"])
            return true
        }
        if let place { replace(place.record, of: job.key) }
        if removed, let entry {
            book[job.key]?.workloads.removeAll { $0.name.utf8.elementsEqual(entry.name.utf8) }
        }
        if let entry {
            let id = "\(job.key.twin)-\(job.key.contract)-\(entry.name)"
            progress[id] = nil
            log.info(
                "workload step done",
                metadata: [
                    "workload": "\(id)", "type": "\(entry.type)", "state": "\(entry.state.rawValue)",
                    "reason": "\(entry.message)",
                ])
        }
        if let step, let type = entry?.type ?? current?.type { await settings.stored(step.operation.name, type) }
        return true
    }

    private func replace(_ record: WorkloadRecord, of key: DeploymentKey) {
        guard
            let index = book[key]?.workloads.firstIndex(where: { $0.name.utf8.elementsEqual(record.name.utf8) })
        else { return }
        book[key]?.workloads[index] = record
    }

    /// The workload as its plugin is told of it. Throws if it refers to something that is not ready and must be.
    func subject(_ record: WorkloadRecord, of key: DeploymentKey, mustResolve: Bool) throws(HostingError) -> Subject {
        var references: [SubjectReference] = []
        for demand in record.demands {
            do {
                references.append(try resolve(demand, for: key))
            } catch {
                if mustResolve { throw error }
            }
        }
        let plugin = host.type(named: record.type)?.plugin
        let siblings = (book[key]?.workloads ?? []).filter {
            $0.isActive && !$0.name.utf8.elementsEqual(record.name.utf8)
        }
        return Subject(
            id: "\(key.twin)-\(key.contract)-\(record.name)", twin: key.twin, contract: key.contract,
            name: record.name, type: record.type, version: record.version, data: record.data,
            metadata: record.metadata, description: record.description, result: record.result,
            state: record.pluginState, references: references,
            siblings: siblings.map { $0.sibling(of: key, isOwn: host.type(named: $0.type)?.plugin == plugin) },
            reserved: book[key]?.reserved ?? [])
    }

    private func resolve(_ demand: ReferenceDemand, for key: DeploymentKey) throws(HostingError) -> SubjectReference {
        guard let (owner, target) = find(demand, for: key) else {
            throw HostingError(
                .invalid, "workload '\(demand.name)', named at \(demand.pointer), does not exist",
                hint: demand.scope == .twin
                    ? "name a workload of this deployment or a shareable one of another deployment of yours"
                    : "name a workload of this deployment")
        }
        if let types = demand.types, !types.contains(target.type) {
            throw HostingError(
                .invalid,
                "workload '\(demand.name)', named at \(demand.pointer), is of type \(target.type), not "
                    + types.joined(separator: " or "))
        }
        guard target.state.isOkay else {
            throw HostingError(
                .operationFailed,
                "workload '\(demand.name)', named at \(demand.pointer), is not ready: it is in state "
                    + "\(target.state.rawValue)")
        }
        return SubjectReference(
            pointer: demand.pointer, name: target.name, workload: "\(owner.twin)-\(owner.contract)-\(target.name)",
            type: target.type, state: target.state.rawValue, data: target.data, result: target.result,
            exports: target.exports.filter { demand.exports.contains($0.kind) })
    }

    /// The workload that a name means: of the same deployment first, then a shareable one of the same twin.
    func find(_ demand: ReferenceDemand, for key: DeploymentKey) -> (DeploymentKey, WorkloadRecord)? {
        if let own = book[key]?.workload(demand.name), own.isActive { return (key, own) }
        guard demand.scope == .twin else { return nil }
        for deployment in book.values where deployment.key.twin == key.twin && deployment.key != key {
            guard let workload = deployment.workload(demand.name), workload.isActive,
                host.type(named: workload.type)?.isShareable ?? false
            else { continue }
            return (deployment.key, workload)
        }
        return nil
    }

    /// Every workload of these types, for a plugin that starts.
    public func subjects(of types: [String]) -> [Subject] {
        book.values.flatMap { deployment in
            deployment.workloads.filter { $0.isActive && types.contains($0.type) }.compactMap { record in
                try? subject(record, of: deployment.key, mustResolve: false)  // Without must-resolve it cannot throw.
            }
        }
    }
}

extension WorkloadRecord {
    func sibling(of key: DeploymentKey, isOwn: Bool) -> JSONValue {
        var json: JSONObject = [
            "id": .string("\(key.twin)-\(key.contract)-\(name)"), "name": .string(name), "type": .string(type),
            "version": .number(JSONNumber(version)), "state": .string(state.rawValue),
        ]
        if isOwn {
            json["data"] = data
            json["result"] = result
        }
        return .object(json)
    }
}
