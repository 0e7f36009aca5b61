import Hosting
import JSON
import Logging

/// Runs deployments: accepts them, works their steps off in lanes, and keeps what came of it.
///
/// One lane per deployment; lanes run side by side, jobs of one lane one after the other, and within a job every step that
/// depends on no other runs at once. What is accepted is on disk before the caller hears of it.
public actor Engine {
    let store: DeploymentStore
    let host: any WorkloadHost
    let gate: any AcceptanceGate
    let settings: EngineSettings
    let log: Logger

    /// All stored deployments, as they are on disk.
    var book: [DeploymentKey: DeploymentRecord] = [:]
    /// Jobs that wait, per lane.
    var lanes: [DeploymentKey: [Job]] = [:]
    /// Lanes that a task is working on.
    var busy: Set<DeploymentKey> = []
    /// Deployments whose request is being checked; a second request for one waits for nobody and is refused.
    var accepting: Set<DeploymentKey> = []
    /// Deployments that wait for the ledger's word before they are installed again after a boot.
    var awaiting: Set<DeploymentKey> = []
    /// Whether what was there at the start is still being looked at.
    var isRecovering = false
    /// Contracts that went away while a request for them was being checked, with the reason.
    var gone: [UInt64: String] = [:]
    /// The last words of a workload's plugin while a step runs.
    var progress: [String: String] = [:]
    /// When something was last accepted, Unix seconds.
    var lastAccepted: Int64 = 0

    private let wakeups: AsyncStream<DeploymentKey>
    let wakeup: AsyncStream<DeploymentKey>.Continuation

    public init(
        store: DeploymentStore, host: any WorkloadHost, gate: any AcceptanceGate, settings: EngineSettings, log: Logger
    ) {
        self.store = store
        self.host = host
        self.gate = gate
        self.settings = settings
        self.log = log
        (wakeups, wakeup) = AsyncStream.makeStream()
    }

    /// Reads what is stored. Call once, before anything else. Throws what SQLite says.
    public func load() async throws {
        let (deployments, jobs) = try await store.load()
        for deployment in deployments { book[deployment.key] = deployment }
        for job in jobs { lanes[job.key, default: []].append(job) }
    }

    /// Works until the task is cancelled. First goes on with what the journal holds, then checks every workload against the host.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.recover() }
            for await key in wakeups { group.addTask { await self.drain(key) } }
        }
    }

    /// Adds a stored job to its lane.
    func enqueue(_ job: Job) {
        lanes[job.key, default: []].append(job)
        wakeup.yield(job.key)
    }

    /// Works off one lane until it is empty.
    private func drain(_ key: DeploymentKey) async {
        guard mayWork(on: key), busy.insert(key).inserted else { return }
        defer { busy.remove(key) }
        while !Task.isCancelled, let job = lanes[key]?.first {
            let isDone = await perform(job)
            guard !Task.isCancelled else { return }
            lanes[key]?.removeFirst()
            if lanes[key]?.isEmpty ?? true { lanes[key] = nil }
            if !isDone { retryLater(job) }
        }
    }

    /// Interrupted steps first, then every workload that should be there, those that others may refer to before the rest.
    private func recover() async {
        isRecovering = true
        defer { isRecovering = false }
        let boot = await newBoot()
        if boot != nil { awaiting = Set(book.keys) }
        for key in lanes.keys { wakeup.yield(key) }
        let shared = book.values.filter { deployment in
            deployment.workloads.contains { host.type(named: $0.type)?.isShareable ?? false }
        }
        let first = Set(shared.map(\.key))
        await withDiscardingTaskGroup { group in
            for key in first { group.addTask { await self.check(key) } }
        }
        await withDiscardingTaskGroup { group in
            for key in book.keys where !first.contains(key) { group.addTask { await self.check(key) } }
        }
        guard let boot, !Task.isCancelled else { return }
        do {
            try await store.setMark(Engine.bootMark, to: boot)
        } catch {
            log.error("journal not written", metadata: ["mark": "boot", "error": "\(error)"])
        }
    }

    /// Provisions every okay workload of a deployment again; a plugin whose host already matches answers so and nothing is written.
    private func check(_ key: DeploymentKey) async {
        let isBoot = awaiting.contains(key)
        let terms = isBoot ? await reinstallation(of: key) : nil
        guard !isBoot || terms != nil else { return }
        let steps = checks(of: key)
        let job = Job(id: 0, key: key, kind: .deploy, reason: "", steps: steps)
        guard lanes[key] == nil, busy.insert(key).inserted else {
            // Behind what was interrupted.
            if !steps.isEmpty { enqueue(job) }
            return await pause(key, under: terms)
        }
        if !steps.isEmpty { _ = await perform(job) }
        busy.remove(key)
        await pause(key, under: terms)
        if lanes[key] != nil { wakeup.yield(key) }
    }

    private func checks(of key: DeploymentKey) -> [Step] {
        (book[key]?.workloads ?? []).filter(\.state.isOkay).map {
            Step(id: 0, operation: .check, name: $0.name, target: nil)
        }
    }

    /// A removal that failed is tried again until it works: what is left behind costs its owner and the node.
    private func retryLater(_ job: Job) {
        let key = job.key
        let settings = settings
        log.warning("removal incomplete, will be retried", metadata: ["deployment": "\(key)"])
        retries.insert(key)
        let remaining = Job(id: job.id, key: key, kind: job.kind, reason: job.reason, steps: openSteps[job.id] ?? [])
        retryQueue.append((settings.now() + settings.removalRetrySeconds, remaining))
    }

    /// Deployments with a removal that waits for its next try.
    private(set) var retries: Set<DeploymentKey> = []
    private var retryQueue: [(due: Int64, job: Job)] = []
    /// Steps of a job that are not done.
    var openSteps: [Int64: [Step]] = [:]

    /// Deployments that could not be checked against the host, with the time of the next try.
    private var rechecks: [DeploymentKey: Int64] = [:]

    /// Looks at a deployment again later: its plugin could not be asked.
    func recheck(_ key: DeploymentKey, because error: HostingError) {
        log.warning(
            "workload not checked, its plugin cannot be asked", metadata: ["deployment": "\(key)", "error": "\(error)"])
        rechecks[key] = settings.now() + settings.removalRetrySeconds
    }

    /// Looks at every deployment with workloads of these types again now: their plugin has lost what it knew.
    public func recheck(_ types: [String]) {
        for deployment in book.values where deployment.workloads.contains(where: { types.contains($0.type) }) {
            let steps = checks(of: deployment.key).filter { step in
                deployment.workload(step.name).map { types.contains($0.type) } ?? false
            }
            if !steps.isEmpty { enqueue(Job(id: 0, key: deployment.key, kind: .deploy, reason: "", steps: steps)) }
        }
    }

    /// Starts the removals and checks whose time has come. Called every few seconds by the node.
    public func tick() {
        let now = settings.now()
        for key in rechecks.filter({ $0.value <= now }).keys {
            rechecks[key] = nil
            enqueue(Job(id: 0, key: key, kind: .deploy, reason: "", steps: checks(of: key)))
        }
        let due = retryQueue.filter { $0.due <= now }
        retryQueue.removeAll { $0.due <= now }
        for item in due {
            retries.remove(item.job.key)
            enqueue(item.job)
        }
    }
}
