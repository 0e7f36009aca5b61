extension Engine {
    /// The contracts of all stored deployments.
    public func contracts() -> [UInt64] { book.keys.map(\.contract) }

    /// Removes a deployment whose contract is gone. Nothing happens if it is unknown or already on its way out.
    public func remove(contract: UInt64, reason: String) async throws {
        guard let key = key(of: contract), !hasJob(.remove, for: key) else { return }
        let order = installOrder(of: book[key]?.workloads ?? []).reversed()
        let steps = order.filter(\.isActive).map {
            Step(id: 0, operation: .remove, name: $0.name, target: nil)
        }
        try await store(Job(id: 0, key: key, kind: .remove, reason: reason, steps: steps))
    }

    /// Pauses what runs, because the contract is in its grace period.
    public func pause(contract: UInt64) async throws {
        guard let key = key(of: contract), !hasJob(.pause, for: key) else { return }
        let steps = installOrder(of: book[key]?.workloads ?? []).reversed().filter { $0.state == .ok }.map {
            Step(id: 0, operation: .pause, name: $0.name, target: nil)
        }
        guard !steps.isEmpty else { return }
        try await store(Job(id: 0, key: key, kind: .pause, reason: "paused", steps: steps))
    }

    /// Resumes what is paused.
    public func resume(contract: UInt64) async throws {
        guard let key = key(of: contract), !hasJob(.resume, for: key) else { return }
        let steps = installOrder(of: book[key]?.workloads ?? []).filter { $0.state == .paused }.map {
            Step(id: 0, operation: .resume, name: $0.name, target: nil)
        }
        guard !steps.isEmpty else { return }
        try await store(Job(id: 0, key: key, kind: .resume, reason: "", steps: steps))
    }

    private func store(_ job: Job) async throws {
        let stored = try await store.enqueue(job)
        enqueue(stored)
    }

    private func key(of contract: UInt64) -> DeploymentKey? { book.keys.first { $0.contract == contract } }

    private func hasJob(_ kind: Job.Kind, for key: DeploymentKey) -> Bool {
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
