import Hosting
import JSON

extension Engine {
    /// Runs a job's steps, each as soon as those that it waits for are done. Returns false if it must be tried again.
    func perform(_ job: Job) async -> Bool {
        let steps = job.steps
        let graph = StepGraph(steps: steps) { self.names(of: $0, in: job.key) }
        var waiting = Set(steps.indices)
        var done = Set<Int>()
        var failed: [Step] = []
        await withTaskGroup(of: (Int, Bool).self) { group in
            func startReady() {
                for index in waiting.sorted() where graph.waitsFor[index].allSatisfy(done.contains) {
                    waiting.remove(index)
                    let step = steps[index]
                    group.addTask { (index, await self.perform(step, of: job)) }
                }
            }
            startReady()
            while let (index, isDone) = await group.next() {
                done.insert(index)
                if !isDone { failed.append(steps[index]) }
                startReady()
            }
        }
        return await close(job, failed: failed)
    }

    private func close(_ job: Job, failed: [Step]) async -> Bool {
        guard !Task.isCancelled else { return false }
        do {
            if job.kind == .remove {
                guard failed.isEmpty else {
                    openSteps[job.id] = failed
                    return false
                }
                openSteps[job.id] = nil
                try await store.forget(job.key)
                book[job.key] = nil
                log.notice("deployment removed", metadata: ["deployment": "\(job.key)", "reason": "\(job.reason)"])
            } else if job.id != 0 {
                try await store.finish(job)
            }
        } catch {
            log.error("journal not written", metadata: ["deployment": "\(job.key)", "error": "\(error)"])
        }
        if job.kind != .remove { settings.capacityChanged(job.key.contract, capacity(of: job.key)) }
        return true
    }

    /// The names that a step's workload refers to within its deployment.
    private func names(of step: Step, in key: DeploymentKey) -> [String] {
        if let target = step.target.flatMap(WorkloadRecord.init(targetText:)) { return target.demands.map(\.name) }
        return book[key]?.workload(step.name)?.demands.map(\.name) ?? []
    }

    /// What a deployment's okay workloads take.
    func capacity(of key: DeploymentKey) -> Capacity {
        (book[key]?.workloads ?? []).filter(\.state.isOkay).reduce(.none) { $0 + $1.capacity }
    }

    /// What the okay workloads of every active deployment take, by contract.
    public func capacities() -> [UInt64: Capacity] {
        let active = book.values.filter(\.isActive)
        return Dictionary(active.map { ($0.key.contract, capacity(of: $0.key)) }) { first, _ in first }
    }

    /// What all okay workloads take, without one of them.
    func reserved(without name: String = "", of key: DeploymentKey? = nil) -> Capacity {
        var sum = Capacity.none
        for deployment in book.values {
            for workload in deployment.workloads where workload.state.isOkay {
                if deployment.key == key && workload.name.utf8.elementsEqual(name.utf8) { continue }
                sum = sum + workload.capacity
            }
        }
        return sum
    }

    /// Runs `body` until it neither fails in a way that says nothing about the workload, nor the tries are used up.
    func retrying<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        for delay in settings.retryDelays {
            do {
                return try await body()
            } catch let error as HostingError where error.isRetryable && error.code != .deadlineExceeded {
                log.info("step waits for its plugin", metadata: ["error": "\(error)"])
                try await Task.sleep(for: delay)
            }
        }
        return try await body()
    }
}
