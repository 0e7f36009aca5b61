import Hosting
import JSON

extension Engine {
    /// Runs one step and stores what it came to. Returns false if it has to be tried again.
    func perform(_ step: Step, of job: Job) async -> Bool {
        guard let deployment = book[job.key] else { return true }
        guard let current = deployment.workload(step.name) else {
            return await record(step, of: job, current: nil, entry: nil)
        }
        switch step.operation {
        case .add, .check: return await add(step, current, of: job)
        case .update: return await update(step, current, of: job)
        case .remove: return await remove(step, current, of: job)
        case .pause: return await pause(step, current, of: job)
        case .resume: return await resume(step, current, of: job)
        }
    }

    private func add(_ step: Step, _ current: WorkloadRecord, of job: Job) async -> Bool {
        // A stored step that finds the workload failed or gone has nothing to do; one without id checks what should be there.
        // What is about to be removed is not begun any more.
        let isLeaving = current.state == .initial && hasJob(.remove, for: job.key)
        guard !isLeaving, current.state == .initial || current.state.isOkay else {
            return await record(step, of: job, current: nil, entry: nil)
        }
        var next = current
        do {
            if current.state == .initial { try admit(current, of: job.key) }
            let subject = try subject(current, of: job.key, mustResolve: true)
            let outcome = try await retrying {
                if step.operation == .check && current.state.isOkay {
                    return try await self.host.recover(subject, paused: current.state == .paused)
                }
                return try await self.host.provision(subject, paused: current.state == .paused)
            }
            if outcome.kind == .present && current.state.isOkay {
                next.exports = outcome.exports.isEmpty ? current.exports : outcome.exports
                next.pluginState = outcome.state ?? current.pluginState
                return await record(step, of: job, current: next, entry: nil)
            }
            let before = current.result
            next.apply(outcome, keepsResult: outcome.kind == .present)
            if current.state.isOkay && next.result == before {
                // Made again just as it was: nothing that a client could see has changed.
                return await record(step, of: job, current: next, entry: nil)
            }
            next.state = current.state == .paused ? .paused : .ok
            next.message = current.state == .paused ? "paused" : ""
        } catch is CancellationError {
            return false
        } catch let error as HostingError where current.state.isOkay && !error.isVerdict {
            // Nobody has looked at the workload: it stays what it was, and is looked at again.
            recheck(job.key, because: error)
            return true
        } catch {
            next.state = .error
            next.message = Engine.text(of: error)
        }
        next.created = settings.now()
        return await record(step, of: job, current: next, entry: next)
    }

    private func update(_ step: Step, _ current: WorkloadRecord, of job: Job) async -> Bool {
        guard let target = step.target.flatMap(WorkloadRecord.init(targetText:)) else {
            return await record(step, of: job, current: nil, entry: nil)
        }
        var next = target
        next.state = .ok
        next.result = current.result
        next.pluginState = current.pluginState
        next.exports = current.exports
        next.created = settings.now()
        do {
            let subject = try subject(next, of: job.key, mustResolve: true)
            let isRunning = current.state.isOkay
            let outcome = try await retrying {
                if isRunning { return try await self.host.update(subject, previous: current.data) }
                return try await self.host.provision(subject, paused: false)
            }
            if outcome.kind == .unchanged { return await refuse(step, target, outcome.message, current, of: job) }
            next.apply(outcome, keepsResult: outcome.kind == .present || outcome.result.isNull)
            if current.state == .paused { (next.state, next.message) = (.paused, "paused") }
        } catch is CancellationError {
            return false
        } catch let error as HostingError where error.code == .invalid && current.state.isOkay {
            return await refuse(step, target, error.message, current, of: job)
        } catch {
            next.state = .error
            next.message = Engine.text(of: error)
        }
        return await record(step, of: job, current: next, entry: next)
    }

    /// An update that was refused: the record says so, the workload stays what it was.
    private func refuse(
        _ step: Step, _ target: WorkloadRecord, _ reason: String, _ current: WorkloadRecord, of job: Job
    ) async -> Bool {
        var entry = target
        entry.state = .unchanged
        entry.message = reason
        entry.result = current.result
        entry.created = settings.now()
        return await record(step, of: job, current: nil, entry: entry)
    }

    private func remove(_ step: Step, _ current: WorkloadRecord, of job: Job) async -> Bool {
        var entry = current
        entry.created = settings.now()
        do {
            let subject = try subject(current, of: job.key, mustResolve: false)
            try await retrying { try await self.host.deprovision(subject) }
            entry.state = .deleted
            entry.message = job.reason
            return await record(step, of: job, current: nil, entry: entry, removed: true)
        } catch is CancellationError {
            return false
        } catch {
            entry.state = .error
            entry.message = Engine.text(of: error)
            // The step stays in the journal: a removal is tried again until nothing is left.
            _ = await record(nil, of: job, name: step.name, current: entry, entry: entry)
            return false
        }
    }

    private func pause(_ step: Step, _ current: WorkloadRecord, of job: Job) async -> Bool {
        guard current.state == .ok else { return await record(step, of: job, current: nil, entry: nil) }
        return await suspend(step, current, of: job, to: .paused, message: "paused") { host, subject in
            try await host.pause(subject)
        }
    }

    private func resume(_ step: Step, _ current: WorkloadRecord, of job: Job) async -> Bool {
        guard current.state == .paused else { return await record(step, of: job, current: nil, entry: nil) }
        return await suspend(step, current, of: job, to: .ok, message: "") { host, subject in
            try await host.resume(subject)
        }
    }

    private func suspend(
        _ step: Step, _ current: WorkloadRecord, of job: Job, to state: RecordState, message: String,
        _ ask: @Sendable (any WorkloadHost, Subject) async throws -> HostOutcome
    ) async -> Bool {
        var next = current
        next.created = settings.now()
        do {
            if host.type(named: current.type)?.isPausable ?? false {
                let subject = try subject(current, of: job.key, mustResolve: false)
                let host = host
                let outcome = try await retrying { try await ask(host, subject) }
                if let kept = outcome.state { next.pluginState = kept }
            }
            (next.state, next.message) = (state, message)
            return await record(step, of: job, current: next, entry: next)
        } catch is CancellationError {
            return false
        } catch {
            next.state = .unchanged
            next.message = Engine.text(of: error)
            return await record(step, of: job, current: nil, entry: next)
        }
    }

    static func text(of error: any Error) -> String {
        (error as? HostingError)?.message ?? (error as? Refusal)?.message ?? String(describing: error)
    }
}

extension HostingError {
    /// Whether the plugin itself has said this about the workload; everything else is about the plugin.
    fileprivate var isVerdict: Bool { code == .operationFailed || code == .invalid }
}

extension WorkloadRecord {
    /// Takes over what the plugin answered.
    mutating func apply(_ outcome: HostOutcome, keepsResult: Bool) {
        if !keepsResult || !outcome.result.isNull { result = outcome.result }
        if let state = outcome.state { pluginState = state }
        if outcome.kind == .ready || !outcome.exports.isEmpty { exports = outcome.exports }
    }
}
