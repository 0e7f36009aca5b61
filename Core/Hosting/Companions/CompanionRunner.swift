import CHost
import Glibc
import JSON
import Logging
import Synchronization

/// Starts, watches and ends companions, and finds them again after the core was killed
/// (docs/spec/plugin-runtime-facts.md section 11.3).
///
/// Each runs under a shim of its own and in a control group of its own. Stopping the core leaves them running.
public actor CompanionRunner {
    struct Running: Sendable {
        let record: CompanionRecord
        let handle: OwnedDescriptor
        let output: OwnedDescriptor
        /// The shim, while it is this process' child.
        let shim: Int32?
        let watch: ProcessWatch
    }

    nonisolated let configuration: CompanionConfiguration
    nonisolated let tree: CgroupTree
    nonisolated let boot: String
    nonisolated let gate = KeyedGate()
    nonisolated let log: Logger
    private nonisolated let users: @Sendable () async throws -> UInt32
    private(set) var running: [CompanionIdentity: Running] = [:]
    /// Instances whose end somebody waits for or asked for: nobody else is told.
    private var expected: Set<CompanionIdentity> = []
    private nonisolated let ends: AsyncStream<CompanionIdentity>
    private nonisolated let ended: AsyncStream<CompanionIdentity>.Continuation
    /// Ends that nobody asked for. One consumer.
    public nonisolated let exits: AsyncStream<CompanionExit>
    private nonisolated let told: AsyncStream<CompanionExit>.Continuation

    /// Restarts that are due, after a pause.
    nonisolated let due: AsyncStream<(CompanionIdentity, Duration)>
    nonisolated let scheduled: AsyncStream<(CompanionIdentity, Duration)>.Continuation
    /// Fills the slots of an instance anew.
    nonisolated let relauncher = Mutex<Relauncher?>(nil)
    typealias Relauncher = @Sendable (CompanionRecord) async throws -> CompanionLaunch

    /// - Parameter users: gives a user id that no companion ever had.
    /// - Throws: `sandboxUnavailable` without control groups.
    public init(
        _ configuration: CompanionConfiguration, users: @escaping @Sendable () async throws -> UInt32,
        log: Logger = Logger(label: "companions")
    ) throws(HostingError) {
        guard CompanionText.isAbsolutePath(configuration.folder) else {
            throw HostingError(
                .invalid, "the companions' folder \(configuration.folder) has characters beyond A-Z a-z 0-9 _ . -")
        }
        self.configuration = configuration
        self.users = users
        self.log = log
        tree = try LimitMechanism.best(for: configuration.cgroup).requireTree()
        boot = String(
            decoding: (try SmallFile.read("/proc/sys/kernel/random/boot_id") ?? []).filter { $0 > 32 }, as: UTF8.self)
        (ends, ended) = AsyncStream.makeStream()
        (exits, told) = AsyncStream.makeStream()
        (due, scheduled) = AsyncStream.makeStream()
    }

    /// Deals with ends as they come. Returns when the task is cancelled; companions go on.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.boundOutputs() }
            group.addTask { await self.restartWhatIsDue() }
            for await identity in ends {
                group.addTask {
                    do {
                        let exit = try await self.gate.holding(identity.key) { () -> CompanionExit? in
                            let exit = try await self.finish(identity)
                            guard let exit, await !self.isExpected(identity) else { return nil }
                            return try await self.settle(identity, exit)
                        }
                        if let exit { self.told.yield(exit) }
                    } catch {
                        self.log.error(
                            "companion's end not dealt with",
                            metadata: ["instance": "\(identity.key)", "error": "\(error)"])
                    }
                }
            }
        }
        for entry in running.values { entry.watch.cancel() }
        running = [:]
        told.finish()
    }

    nonisolated func folder(_ identity: CompanionIdentity) -> CompanionFolder {
        CompanionFolder(identity, in: configuration.folder)
    }

    nonisolated func cgroup(_ identity: CompanionIdentity) -> Cgroup {
        Cgroup(tree: tree, name: "\(configuration.cgroup)/\(identity.plugin).\(identity.instance)")
    }

    /// The command line, for the descriptors that it asks for.
    /// - Throws: `invalid`, naming the slot; `denied` if the operator's policy forbids the companion.
    nonisolated func command(
        _ specification: CompanionSpecification, _ identity: CompanionIdentity, slots: JSONValue
    ) throws(HostingError) -> CompanionCommand {
        guard specification.user == .own || configuration.rootPolicy == .allowed else {
            throw HostingError(
                .denied, "companion \(specification.id) wants to run as root, which the operator has not allowed")
        }
        try configuration.policy?.check(specification, of: identity.plugin, publisher: nil)
        return try CompanionCommand(specification, slots: slots, folder: folder(identity).files)
    }

    /// Starts the instance unless it runs.
    /// - Throws: `startFailed` with the step; nothing is left running.
    func start(_ launch: CompanionLaunch) async throws -> (started: Bool, process: Int32) {
        try await gate.holding(launch.identity.key) {
            if let entry = await self.running[launch.identity] {
                guard entry.record.workload == launch.workload,
                    entry.record.companion == launch.specification.id
                else {
                    throw HostingError(.denied, "instance \(launch.identity.instance) belongs to another workload")
                }
                if !Self.hasEnded(entry.handle) { return (false, entry.record.process) }
                _ = try await self.finish(launch.identity)
            }
            return (true, try await self.launch(launch).record.process)
        }
    }

    /// Under the gate.
    func launch(_ launch: CompanionLaunch) async throws -> Running {
        let identity = launch.identity
        let folder = folder(identity)
        let earlier = try folder.record()
        guard earlier == nil || earlier?.workload == launch.workload else {
            throw HostingError(.denied, "instance \(identity.instance) belongs to another workload")
        }
        // The files of an instance stay its own: it keeps its user when it is started again.
        let user: UInt32
        switch launch.specification.user {
        case .root: user = 0
        case .own:
            if let kept = earlier?.user, kept != 0 { user = kept } else { user = try await users() }
        }
        var launch = launch
        launch.history = earlier?.history ?? RestartHistory()
        let starter = CompanionStarter(
            configuration: configuration, cgroup: cgroup(identity), folder: folder, boot: boot)
        let started: CompanionStarter.Started
        do {
            started = try await OwnThread.run { [launch] in
                try starter.cgroup.kill()  // leftovers of a start that was cut short
                return try starter.start(launch, user: user)
            }
        } catch {
            let cgroup = starter.cgroup
            do { try await OwnThread.run { try cgroup.remove() } } catch let second {
                log.warning("control group stays", metadata: ["instance": "\(identity.key)", "error": "\(second)"])
            }
            throw error
        }
        expected.remove(identity)
        return watch(identity, started)
    }

    /// Remembers a running companion and waits for its end.
    @discardableResult
    func watch(_ identity: CompanionIdentity, _ started: CompanionStarter.Started) -> Running {
        let handle = started.handle
        let ended = ended
        let entry = Running(
            record: started.record, handle: handle, output: started.output, shim: started.shim,
            watch: ProcessWatch(handle) { ended.yield(identity) })
        running[identity] = entry
        return entry
    }

    func forget(_ identity: CompanionIdentity) { running.removeValue(forKey: identity)?.watch.cancel() }
    func expectEnd(_ identity: CompanionIdentity) { expected.insert(identity) }
    func isExpected(_ identity: CompanionIdentity) -> Bool { expected.contains(identity) }

    /// Passes on an end that was found while adopting.
    func tell(_ exit: CompanionExit) { told.yield(exit) }

    static func hasEnded(_ handle: OwnedDescriptor) -> Bool { waitEnd(handle, .zero) }

    /// Whether the process ends in time. Blocks meanwhile.
    static func waitEnd(_ handle: OwnedDescriptor, _ limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        var waiting = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(.zero, deadline - ContinuousClock.now)
            let result = poll(&waiting, 1, Int32(clamping: left.milliseconds))
            if result > 0 { return true }
            if result == 0 { return false }
            guard errno == EINTR else { return false }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1000).partialValue
            + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
