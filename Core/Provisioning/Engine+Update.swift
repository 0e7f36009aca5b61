import Deployments
import Hosting
import JSON
import Signatures
import Versioning

extension Engine {
    /// Accepts a new version of a deployment (docs/spec/deployment.md section 9).
    ///
    /// The plan is made against what was accepted last, not against what already runs, so that a quick second update neither adds
    /// twice nor misses what the first is about to make. Throws `Refusal`; nothing is stored or changed then.
    public func update(_ received: [UInt8], caller: UInt32, keys: some TwinKeys) async throws {
        let request = try await check(received, caller: caller, keys: keys)
        let key = request.key
        guard let stored = book[key] else {
            let what = book.keys.contains { $0.twin == key.twin } ? "deployment" : "twin"
            throw Refusal(.notFound, "\(what) not found: deployment does not exist")
        }
        try reserve(key)
        defer { release(key) }
        let plan = try plan(from: stored, to: request)
        let terms = try await gate.contract(key.contract, twin: key.twin, hash: request.hash, previous: stored.hash)
        let touched = Set(plan.steps.filter { $0.operation != .remove }.map { Array($0.workload.name.utf8) })
        let judged = try await judge(request, reserved: terms.reserved) { touched.contains(Array($0.utf8)) }
        // What runs may have changed while others were asked.
        guard let current = book[key], current.version == stored.version else {
            throw Refusal(.unavailable, "deployment \(key.contract) changed while the update was checked; try again")
        }
        try checkStillThere(key)
        let next = merge(current, request, judged, plan, terms)
        try admit(
            next.workloads.map { kept in
                judged.first { touched.contains(Array($0.name.utf8)) && $0.name == kept.name } ?? kept
            },
            of: key)
        let job = job(for: plan, key: key, judged: judged)
        let added = judged.filter { record in plan.adds(record.name) }
        let names = added.filter { host.type(named: $0.type)?.isShareable ?? false }.map(\.name)
        let accepted = try await storing {
            try await self.store.accept(next, added: added, shareable: names, job: job)
        }
        guard let latest = book[key] else {
            // Removed to the end while the update was stored.
            try await storing { try await self.store.forget(key) }
            throw Refusal(.contract, "contract \(key.contract) was cancelled while the request was checked")
        }
        book[key] = merge(latest, request, judged, plan, terms)
        lastAccepted = settings.now()
        log.notice("update accepted", metadata: ["deployment": "\(key)", "version": "\(request.deployment.version)"])
        enqueue(accepted)
    }

    func plan(from stored: DeploymentRecord, to request: CheckedRequest) throws -> UpdatePlan {
        let plan: UpdatePlan
        do throws(DeploymentError) {
            plan = try UpdatePlan(from: stored.deployment, to: request.deployment)
            try plan.check { !(host.type(named: $0)?.updatable ?? []).isEmpty }
        } catch {
            throw Refusal(.upgrade, error.message)
        }
        for step in plan.steps where step.operation == .update {
            guard let old = stored.workload(step.workload.name),
                let new = zip(request.deployment.workloads, request.data).first(where: {
                    $0.0.name.utf8.elementsEqual(step.workload.name.utf8)
                })?.1,
                let type = host.type(named: step.workload.type)
            else { continue }
            if let pointer = FixedMembers(updatable: type.updatable).difference(old.data, new) {
                throw Refusal(
                    .upgrade,
                    "workload '\(step.workload.name)' cannot change \(pointer) in place, type \(type.name) allows "
                        + "\(type.updatable.joined(separator: ", ")): upgrade validation error")
            }
        }
        return plan
    }

    /// The stored deployment after acceptance: new envelope and list order, what runs untouched, what is added in state `init`.
    private func merge(
        _ current: DeploymentRecord, _ request: CheckedRequest, _ judged: [WorkloadRecord], _ plan: UpdatePlan,
        _ terms: AcceptedTerms
    ) -> DeploymentRecord {
        var next = current
        next.accepted = request.received
        next.deployment = request.deployment
        next.hash = request.hash
        next.reserved = terms.reserved
        next.rentContract = terms.rentContract
        let kept = judged.compactMap { record in
            plan.adds(record.name) ? record : current.workload(record.name)
        }
        let leaving = current.workloads.filter { workload in
            !judged.contains { $0.name.utf8.elementsEqual(workload.name.utf8) }
        }
        next.workloads = kept + leaving
        return next
    }

    private func job(for plan: UpdatePlan, key: DeploymentKey, judged: [WorkloadRecord]) -> Job {
        let order = { (type: String) in
            (self.settings.typeOrder.firstIndex(of: type) ?? self.settings.typeOrder.count) + 1
        }
        let steps = plan.execution(order: order).map { step in
            let target = judged.first { $0.name.utf8.elementsEqual(step.workload.name.utf8) }
            return switch step.operation {
            case .add: Step(id: 0, operation: .add, name: step.workload.name, target: target?.targetText)
            case .update: Step(id: 0, operation: .update, name: step.workload.name, target: target?.targetText)
            case .remove: Step(id: 0, operation: .remove, name: step.workload.name, target: nil)
            }
        }
        return Job(id: 0, key: key, kind: .update, reason: "deleted by an update", steps: steps)
    }
}

extension UpdatePlan {
    func adds(_ name: String) -> Bool {
        steps.contains { $0.operation == .add && $0.workload.name.utf8.elementsEqual(name.utf8) }
    }
}
