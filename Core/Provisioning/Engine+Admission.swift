import Hosting

extension Engine {
    /// Refuses a request that takes more than the node has left, before anything is stored.
    ///
    /// - Parameter workloads: all workloads of the new version.
    func admit(_ workloads: [WorkloadRecord], of key: DeploymentKey) throws(Refusal) {
        let own = capacity(of: key)
        let all = reserved()
        let needed = workloads.reduce(Capacity.none) { $0 + $1.capacity }
        let inUse = settings.memoryInUse()
        let others = Capacity(mru: all.mru - min(all.mru, own.mru), sru: all.sru - min(all.sru, own.sru))
        // What this deployment's machines use now is theirs to use again.
        if let text = refusal(needed, others: others, inUse: inUse - min(inUse, own.mru)) {
            throw Refusal(.capacity, text)
        }
    }

    /// Refuses a workload that takes more than is left when its turn comes (docs/spec/deployment.md section 10.5).
    func admit(_ workload: WorkloadRecord, of key: DeploymentKey) throws(HostingError) {
        let others = reserved(without: workload.name, of: key)
        if let text = refusal(workload.capacity, others: others, inUse: settings.memoryInUse()) {
            throw HostingError(.unavailable, text)
        }
    }

    private func refusal(_ needed: Capacity, others: Capacity, inUse: UInt64) -> String? {
        if let text = settings.admission.refusal(needed: needed.mru, reserved: others.mru, inUse: inUse) { return text }
        let usable = settings.storage - min(settings.storage, others.sru)
        guard needed.sru > usable else { return nil }
        return
            "failed to satisfy required capacity: cannot fulfil required storage size \(needed.sru) bytes out of usable "
            + "\(usable) bytes"
    }
}
