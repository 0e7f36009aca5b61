import Deployments
import Hosting
import JSON
import Signatures

/// A request that has passed every check that needs neither ledger nor plugin.
struct CheckedRequest: Sendable {
    let received: [UInt8]
    let deployment: Deployment
    /// The data of each workload as plugins see it.
    let data: [JSONValue]
    let hash: String
    var key: DeploymentKey { DeploymentKey(twin: deployment.twin, contract: deployment.contract) }
}

extension Engine {
    /// Accepts a new deployment (docs/spec/deployment.md section 10.1, checks in the order of docs/spec/plugin-package.md section 6).
    ///
    /// When it returns, the deployment is on disk and will be run whatever happens to this process.
    /// - Parameters:
    ///   - received: the text as the client sent it.
    ///   - caller: the twin that the message bus has verified.
    /// - Throws: `Refusal`; nothing is stored then.
    public func deploy(_ received: [UInt8], caller: UInt32, keys: some TwinKeys) async throws {
        let request = try await check(received, caller: caller, keys: keys)
        guard request.deployment.version == 0 else {
            throw Refusal(.invalid, "expected version to be 0 on deployment creation: invalid version")
        }
        let key = request.key
        guard book[key] == nil else { throw Refusal(.exists, "exists") }
        try reserve(key)
        defer { release(key) }
        let names = shareable(request.deployment.workloads)
        for name in names {
            if let holder = try await store.holder(of: name, twin: key.twin), holder != key.contract {
                throw Refusal(.conflict, "global workload with the same name '\(name)' exists: conflict")
            }
        }
        let terms = try await gate.contract(key.contract, twin: key.twin, hash: request.hash, previous: nil)
        let workloads = try await judge(request, reserved: terms.reserved)
        try admit(workloads, of: key)
        let record = DeploymentRecord(
            key: key, accepted: received, deployment: request.deployment, hash: request.hash,
            reserved: terms.reserved, rentContract: terms.rentContract, created: settings.now(), workloads: workloads)
        let steps = installOrder(of: workloads).map { Step(id: 0, operation: .add, name: $0.name, target: nil) }
        let job = Job(id: 0, key: key, kind: .deploy, reason: "", steps: steps)
        try checkStillThere(key)
        let stored = try await storing { try await self.store.insert(record, shareable: names, job: job) }
        book[key] = record
        lastAccepted = settings.now()
        log.notice("deployment accepted", metadata: ["deployment": "\(key)", "hash": "\(request.hash)"])
        enqueue(stored)
        await catchUp(key, under: terms)
    }

    /// Refuses a request whose contract went away while it was checked.
    func checkStillThere(_ key: DeploymentKey) throws(Refusal) {
        guard gone[key.contract] == nil, !hasJob(.remove, for: key) else {
            throw Refusal(.contract, "contract \(key.contract) was cancelled while the request was checked")
        }
    }

    /// What happened to the contract until the deployment was stored. From here on it is accepted: what cannot be queued now is
    /// made up for by the next comparison with the ledger.
    private func catchUp(_ key: DeploymentKey, under terms: AcceptedTerms) async {
        guard let reason = gone[key.contract] else { return await pause(key, under: terms) }
        do {
            try await remove(contract: key.contract, reason: reason)
        } catch {
            log.error("journal not written", metadata: ["deployment": "\(key)", "error": "\(error)"])
        }
    }

    /// Ends the checking of a request.
    func release(_ key: DeploymentKey) {
        accepting.remove(key)
        gone[key.contract] = nil
    }

    /// Everything up to and including the signatures.
    func check(_ received: [UInt8], caller: UInt32, keys: some TwinKeys) async throws -> CheckedRequest {
        do {
            let deployment = try Deployment(parsing: received, policy: .received)
            let evaluated = try deployment.checkedStructure { host.type(named: $0) != nil }
            for (workload, data) in zip(deployment.workloads, evaluated) {
                if let violation = host.type(named: workload.type)?.violation(data.value) {
                    throw Refusal(.invalid, "workload '\(workload.name)' of type '\(workload.type)': \(violation)")
                }
            }
            guard deployment.twin == caller else {
                throw Refusal(
                    .foreign, "twin id mismatch (deployment: \(deployment.twin), message: \(caller))")
            }
            try await settings.ownerCheck?.check(caller)
            let challenge = try deployment.challenge()
            try await deployment.signatureRequirement.verify(owner: deployment.twin, hash: challenge.hash, keys: keys)
            return CheckedRequest(
                received: received, deployment: deployment, data: evaluated.map(\.value), hash: challenge.hex)
        } catch let error as DeploymentError {
            throw Refusal(error.isRetryable ? .unavailable : .invalid, error.message)
        } catch let error as SignatureError {
            throw Refusal(error.isRetryable ? .unavailable : .signature, error.message)
        }
    }

    /// Asks the plugins: is each workload right, what does it take, and does what it refers to exist?
    ///
    /// - Parameter only: the names of the workloads to judge; all if nil.
    func judge(
        _ request: CheckedRequest, reserved: [JSONValue], only: ((String) -> Bool)? = nil
    ) async throws -> [WorkloadRecord] {
        let key = request.key
        let created = settings.now()
        var records: [WorkloadRecord] = []
        for (workload, data) in zip(request.deployment.workloads, request.data) {
            records.append(
                WorkloadRecord(
                    name: workload.name, type: workload.type, version: workload.version, metadata: workload.metadata,
                    description: workload.description, received: workload.data?.compacted ?? "null", data: data,
                    created: created, demands: [], capacity: .none))
        }
        let all = records
        for index in records.indices where only?(records[index].name) ?? true {
            let record = records[index]
            let others = all.filter { !$0.name.utf8.elementsEqual(record.name.utf8) }
            let plugin = host.type(named: record.type)?.plugin
            let subject = Subject(
                id: "\(key.twin)-\(key.contract)-\(record.name)", twin: key.twin, contract: key.contract,
                name: record.name, type: record.type, version: record.version, data: record.data,
                metadata: record.metadata, description: record.description,
                siblings: others.map { $0.sibling(of: key, isOwn: host.type(named: $0.type)?.plugin == plugin) },
                reserved: reserved)
            do {
                try await host.validate(subject)
                records[index].capacity = try await host.capacity(type: record.type, data: record.data)
                records[index].demands = try await host.references(type: record.type, data: record.data)
            } catch let error as HostingError {
                throw Refusal(error.isRetryable ? .unavailable : .invalid, error.message)
            }
            try checkReferences(of: records[index], among: others, key: key)
        }
        return records
    }

    private func checkReferences(of record: WorkloadRecord, among others: [WorkloadRecord], key: DeploymentKey) throws {
        for demand in record.demands {
            let own = others.first { $0.name.utf8.elementsEqual(demand.name.utf8) }
            guard let type = own?.type ?? find(demand, for: key).map({ $0.1.type }), own != nil || demand.scope == .twin
            else {
                throw Refusal(
                    .invalid,
                    "workload '\(record.name)' refers to '\(demand.name)' at \(demand.pointer), which does not exist")
            }
            if let types = demand.types, !types.contains(type) {
                throw Refusal(
                    .invalid,
                    "workload '\(record.name)' refers to '\(demand.name)' at \(demand.pointer), which is of type \(type), not "
                        + types.joined(separator: " or "))
            }
        }
    }

    func shareable(_ workloads: [Workload]) -> [String] {
        workloads.filter { host.type(named: $0.type)?.isShareable ?? false }.map(\.name)
    }

    /// Keeps a second request for the same deployment out while this one is checked.
    func reserve(_ key: DeploymentKey) throws {
        guard accepting.insert(key).inserted else {
            throw Refusal(.unavailable, "another request for contract \(key.contract) is being checked; try again")
        }
    }

    /// A disk that is full refuses new work and says so; what was accepted goes on.
    func storing<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            log.error("deployment not stored", metadata: ["error": "\(error)"])
            throw Refusal(.full, "the node cannot store the deployment now: \(error)")
        }
    }
}
