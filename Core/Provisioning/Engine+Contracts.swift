import Contracts

extension Engine {
    /// The contracts of all stored deployments.
    public func contracts() -> [UInt64] { book.keys.map(\.contract) }

    /// The stored deployments as a comparison with the ledger sees them, what is still queued for them included.
    public func standings() -> [ContractSynchronisation.Local] {
        book.values.filter { !hasJob(.remove, for: $0.key) }.map { deployment in
            ContractSynchronisation.Local(
                twin: deployment.key.twin, contract: deployment.key.contract, standing: standing(of: deployment))
        }.sorted { $0.contract < $1.contract }
    }

    private func standing(of deployment: DeploymentRecord) -> ContractSynchronisation.Local.Standing {
        if let queued = queuedStanding(of: deployment.key) { return queued }
        let isRunning = deployment.workloads.contains { $0.state == .ok || $0.state == .initial }
        guard deployment.workloads.contains(where: { $0.state == .paused }) else { return .running }
        return isRunning ? .mixed : .paused
    }

    /// What the queued jobs leave a deployment in; nil if none of them pauses or resumes it.
    private func queuedStanding(of key: DeploymentKey) -> ContractSynchronisation.Local.Standing? {
        var standing: ContractSynchronisation.Local.Standing?
        for job in lanes[key] ?? [] {
            switch job.kind {
            case .pause: standing = .paused
            case .resume: standing = .running
            // What it makes runs, whatever was paused before.
            case .deploy, .update: if standing == .paused { standing = .mixed }
            case .remove: break
            }
        }
        return standing
    }

    /// Whether there is a deployment for the contract, or a request for one is being checked.
    public func mayHold(_ contract: UInt64) -> Bool {
        key(of: contract) != nil || accepting.contains { $0.contract == contract }
    }

    /// Removes a deployment whose contract is gone. Nothing happens if it is unknown or already on its way out. One whose
    /// request is still being checked is refused, or removed as soon as it is stored.
    public func remove(contract: UInt64, reason: String) async throws {
        if accepting.contains(where: { $0.contract == contract }) { gone[contract] = reason }
        guard let key = key(of: contract), !hasJob(.remove, for: key) else { return }
        let order = installOrder(of: book[key]?.workloads ?? []).reversed()
        let steps = order.filter(\.isActive).map {
            Step(id: 0, operation: .remove, name: $0.name, target: nil)
        }
        try await store(Job(id: 0, key: key, kind: .remove, reason: reason, steps: steps))
    }

    /// Pauses what runs and what is about to, because the contract is in its grace period.
    public func pause(contract: UInt64) async throws {
        guard let key = key(of: contract), !hasJob(.remove, for: key) else { return }
        let queued = queuedStanding(of: key)
        guard queued != .paused else { return }
        let steps = installOrder(of: book[key]?.workloads ?? []).reversed().filter {
            $0.state == .ok || $0.state == .initial || $0.state == .paused && queued != nil
        }.map { Step(id: 0, operation: .pause, name: $0.name, target: nil) }
        guard !steps.isEmpty else { return }
        try await store(Job(id: 0, key: key, kind: .pause, reason: "paused", steps: steps))
    }

    /// Resumes what is paused and what is about to be.
    public func resume(contract: UInt64) async throws {
        guard let key = key(of: contract), !hasJob(.remove, for: key) else { return }
        let queued = queuedStanding(of: key)
        guard queued != .running else { return }
        let steps = installOrder(of: book[key]?.workloads ?? []).filter {
            $0.state == .paused || queued != nil && ($0.state == .ok || $0.state == .initial)
        }.map { Step(id: 0, operation: .resume, name: $0.name, target: nil) }
        guard !steps.isEmpty else { return }
        try await store(Job(id: 0, key: key, kind: .resume, reason: "", steps: steps))
    }

    private func store(_ job: Job) async throws {
        let stored = try await store.enqueue(job)
        enqueue(stored)
    }

    private func key(of contract: UInt64) -> DeploymentKey? { book.keys.first { $0.contract == contract } }

    func hasJob(_ kind: Job.Kind, for key: DeploymentKey) -> Bool {
        (lanes[key] ?? []).contains { $0.kind == kind } || (kind == .remove && retries.contains(key))
    }

    /// Workloads in the order of installation: by type, larger ones of a type that says so first, else list order.
    func installOrder(of workloads: [WorkloadRecord]) -> [WorkloadRecord] {
        func position(_ type: String) -> Int { settings.typeOrder.firstIndex(of: type) ?? settings.typeOrder.count }
        return workloads.enumerated().sorted { left, right in
            let (a, b) = (position(left.element.type), position(right.element.type))
            if a != b { return a < b }
            if left.element.type == right.element.type && left.element.capacity.sru != right.element.capacity.sru {
                return left.element.capacity.sru > right.element.capacity.sru
            }
            return left.offset < right.offset
        }.map(\.element)
    }
}
