import JSON
import Logging
import Synchronization
import WorkerSandbox

/// One plugin, kept running: started, asked, restarted after a failure, stopped.
///
///     let worker = PluginWorker(plan, launcher: launcher, services: services, log: log)
///     try await worker.start()
///     let (reply, _) = try await worker.request(.capacity, payload: …)
///     await worker.stop()
public final class PluginWorker: Sendable {
    /// Gets each new worker before anybody else may ask it: for `initialize`.
    public typealias Preparation = @Sendable (WorkerSession) async throws -> Void

    private struct State {
        var lifecycle: WorkerLifecycle
        var link: WorkerLink?
        var ready: WorkerReady?
        var health: PluginHealth?
        var restarts: UInt64 = 0
        var supervision: Task<Void, Never>?
        /// Who waits for the end of `starting`.
        var waiting: [CheckedContinuation<Void, Never>] = []
        var grace = Duration.zero
    }

    public let plan: WorkerPlan
    private let launcher: WorkerLauncher
    private let services: any HostServices
    private let log: Logger
    private let prepare: Preparation
    private let healthPolicy: HealthPolicy
    /// Counts and times what is asked.
    public let meter = CallMeter()
    private let state: Mutex<State>

    public init(
        _ plan: WorkerPlan, launcher: WorkerLauncher, services: any HostServices, log: Logger,
        restarts: RestartPolicy = RestartPolicy(), health: HealthPolicy = HealthPolicy(),
        prepare: @escaping Preparation = { _ in }
    ) {
        var log = log
        log[metadataKey: "plugin"] = "\(plan.plugin)"
        self.plan = plan
        self.launcher = launcher
        self.services = services
        self.log = log
        self.prepare = prepare
        healthPolicy = health
        state = Mutex(State(lifecycle: WorkerLifecycle(policy: restarts)))
    }

    /// Where it stands, with the reason and the next attempt after a failure.
    public var status: WorkerStatus {
        state.withLock {
            WorkerStatus(
                state: $0.lifecycle.state, ready: $0.ready, restarts: $0.restarts, isBroken: $0.lifecycle.isBroken,
                failures: $0.lifecycle.failureCount, health: $0.health)
        }
    }

    /// Starts it and keeps it running until `stop`.
    ///
    /// - Throws: why the first attempt failed. Unless the plugin is incompatible, further ones follow by themselves.
    public func start() async throws(HostingError) {
        let action = state.withLock { $0.lifecycle.handle(.startRequested, at: .now) }
        if action == .launch {
            let previous = state.withLock { $0.supervision }
            previous?.cancel()
            let supervision = Task { [self] in
                await previous?.value
                await supervise()
            }
            state.withLock { $0.supervision = supervision }
        }
        await settle()
        if case .failed(let failure, _) = status.state { throw failure.requestError }
    }

    /// Stops it in order: open requests may finish within `grace`, then the plugin's `stop`, then force.
    public func stop(grace: Duration = .seconds(10)) async {
        let (action, link, supervision) = state.withLock { state in
            state.grace = grace
            let action = state.lifecycle.handle(.stopRequested, at: .now)
            return (action, state.link, state.supervision)
        }
        if action == .drain { link?.stop(grace: grace) } else { supervision?.cancel() }
        await supervision?.value
    }

    /// Ends it by force, whatever it is doing: for a version that has turned out to be broken.
    func abort() async {
        let (action, link, supervision) = state.withLock { state in
            (state.lifecycle.handle(.stopRequested, at: .now), state.link, state.supervision)
        }
        if action == .drain {
            link?.stop(grace: .zero)
            link?.end(WorkerFailure(.stopped, "plugin \(plan.plugin) was ended"))
        } else {
            supervision?.cancel()
        }
        await supervision?.value
    }

    /// Asks the plugin.
    ///
    /// Waits while the worker is being started. When the deadline passes, this request fails; the worker is ended only if it does
    /// not answer at all (docs/decisions/0011-late-requests.md).
    ///
    /// - Parameter deadline: instead of the plan's.
    /// - Throws: what the plugin answered (`operationFailed`, `invalid`, `unsupported`, `denied`, `unavailable`), or why
    ///   there is no answer: retryable, for that says nothing about the request.
    public func request(
        _ operation: PluginOperation, payload: JSONValue, descriptors: [OwnedDescriptor] = [], deadline: Duration? = nil
    ) async throws(HostingError) -> (JSONValue, [OwnedDescriptor]) {
        await settle()
        let (link, current) = state.withLock { ($0.link, $0.lifecycle.state) }
        guard case .ready = current, let link else { throw Self.unavailable(plan.plugin, current) }
        let session = WorkerSession(link: link, plan: plan)
        let start = ContinuousClock.now
        do throws(HostingError) {
            let answer = try await session.request(
                operation, payload: payload, descriptors: descriptors, deadline: deadline)
            meter.record(operation, took: .now - start, failed: false)
            return answer
        } catch {
            meter.record(operation, took: .now - start, failed: true)
            throw error
        }
    }

    private static func unavailable(_ plugin: String, _ state: WorkerLifecycle.State) -> HostingError {
        guard case .failed(let failure, let retryAt) = state else {
            return HostingError(.notRunning, "plugin \(plugin) is not running", isRetryable: true)
        }
        let next = retryAt.map { "the next start is in \(max(0, ($0 - .now).components.seconds)) s" }
        return HostingError(
            .notRunning, "plugin \(plugin) is not running: \(failure.message)",
            hint: next ?? "replace the plugin, then start it again", isRetryable: retryAt != nil)
    }

    /// Returns when the worker is not being started.
    private func settle() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                guard case .starting = state.lifecycle.state else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    private func handle(_ event: WorkerLifecycle.Event, with change: (inout State) -> Void = { _ in })
        -> WorkerLifecycle.Action
    {
        let (action, settled) = state.withLock { state in
            change(&state)
            let action = state.lifecycle.handle(event, at: .now)
            if case .starting = state.lifecycle.state { return (action, [CheckedContinuation<Void, Never>]()) }
            defer { state.waiting = [] }
            return (action, state.waiting)
        }
        for continuation in settled { continuation.resume() }
        return action
    }

    // MARK: supervision

    private func supervise() async {
        var action = WorkerLifecycle.Action.launch
        while !Task.isCancelled {
            switch action {
            case .launch:
                action = await serveOnce()
            case .wait(let moment):
                do { try await Task.sleep(until: moment, clock: .continuous) } catch { return }
                action = handle(.timePassed)
            case .drain, .rest: return
            }
        }
    }

    /// One life of a worker. Its end is told at once; what it asked of the node is finished before this returns, so that
    /// its next life does not meet the calls of this one.
    private func serveOnce() async -> WorkerLifecycle.Action {
        let link: WorkerLink
        do throws(HostingError) {
            link = try await launch()
        } catch {
            let isHopeless = error.code == .sandboxUnavailable
            return conclude(WorkerFailure(isHopeless ? .incompatible : .notStarted, "\(error)"))
        }
        let isDraining = state.withLock { state in
            state.link = link
            return state.lifecycle.state == .draining
        }
        if isDraining { link.stop(grace: .zero) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await serveCalls(of: link) }
            group.addTask { [self] in
                await introduce(link)
                await watchHealth(of: link)
            }
            let action = conclude(await link.ended())
            await group.waitForAll()
            // What became ready in the last moment is not.
            state.withLock { ($0.ready, $0.health) = (nil, nil) }
            return action
        }
    }

    private func conclude(_ failure: WorkerFailure) -> WorkerLifecycle.Action {
        report(failure)
        // In one step: a status that counts this end must not still say "ready".
        return handle(.ended(failure)) { state in
            (state.link, state.ready, state.health) = (nil, nil, nil)
            state.restarts += 1
        }
    }

    private func launch() async throws(HostingError) -> WorkerLink {
        let launched = try await launcher.launch(plan)
        do throws(HostingError) {
            return try WorkerLink(
                launched, plugin: plan.plugin, limits: plan.limits, supervisor: launcher.supervisor, log: log
            )
        } catch {
            launched.abandon()
            throw error
        }
    }

    /// From loading to ready.
    private func introduce(_ link: WorkerLink) async {
        do {
            let ready = try await link.ready()
            try await prepare(WorkerSession(link: link, plan: plan))
            _ = handle(.becameReady) { $0.ready = ready }
            log.notice("plugin ready", metadata: ["version": "\(ready.version)", "abi": "\(ready.abi)"])
        } catch {
            // If the worker ended meanwhile, its own reason is the first one and stays.
            link.end(WorkerFailure(.notStarted, "plugin \(plan.plugin) could not be prepared: \(error)"))
        }
    }

    /// Asks a plugin that has the ability now and then; its own worker only, beside whatever else is asked.
    private func watchHealth(of link: WorkerLink) async {
        guard let ready = state.withLock({ $0.ready }), ready.has(.health) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await askHealth(of: link) }
            group.addTask { _ = await link.ended() }
            await group.next()
            group.cancelAll()
        }
    }

    private func askHealth(of link: WorkerLink) async {
        let probe = HealthProbe(session: WorkerSession(link: link, plan: plan), policy: healthPolicy)
        var failures = 0
        while (try? await Task.sleep(for: healthPolicy.period)) != nil {  // Cancelled when the worker has ended.
            let health = await probe.ask(after: failures)
            failures = health.failures
            state.withLock { $0.health = health }
            guard failures >= healthPolicy.failures else { continue }
            return link.end(WorkerFailure(.unhealthy, "plugin \(plan.plugin) is unhealthy: \(health.message)"))
        }
    }

    private func serveCalls(of link: WorkerLink) async {
        await withDiscardingTaskGroup { group in
            for await call in link.calls {
                group.addTask { [self] in
                    guard let parsed = HostCall(call, plugin: plan.plugin) else {
                        return link.end(
                            WorkerFailure(.protocolViolation, "plugin \(plan.plugin) made a malformed call"))
                    }
                    link.answer(call.id, await services.serve(parsed))
                }
            }
        }
    }

    private func report(_ failure: WorkerFailure) {
        let metadata: Logger.Metadata = ["reason": "\(failure.message)", "kind": "\(failure.kind.rawValue)"]
        switch failure.kind {
        case .stopped: log.notice("plugin stopped", metadata: metadata)
        case .sandboxViolation, .protocolViolation, .incompatible: log.error("plugin ended", metadata: metadata)
        default: log.warning("plugin ended", metadata: metadata)
        }
    }
}

extension HostCall {
    /// Nil if the payload is not what section 1 of the protocol says.
    fileprivate init?(_ call: WorkerLink.PendingCall, plugin: String) {
        // Whatever is wrong with the text: the caller ends the worker.
        guard let json = try? JSONValue(parsing: call.payload), let service = json["service"]?.stringValue,
            let request = json["request"], request.objectValue != nil
        else { return nil }
        let workload = json["workload"]
        guard workload == nil || workload?.stringValue != nil else { return nil }
        self.init(
            plugin: plugin, service: service, workload: workload?.stringValue, request: request,
            descriptors: call.descriptors)
    }
}
