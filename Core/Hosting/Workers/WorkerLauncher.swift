import CHost
import Glibc
import JSON
import PluginABI
import Synchronization
import WorkerSandbox

/// Starts workers (docs/spec/plugin-runtime-facts.md section 9.1).
public final class WorkerLauncher: Sendable {
    /// What is the same for every worker.
    public struct Configuration: Sendable {
        /// The program zos-worker; readable for everybody.
        public var executable: String
        /// The folder of the Swift runtime's libraries, for plugins that use it.
        public var runtimeFolder: String?
        /// Control groups are made below this name, such as `zos-7/workers`.
        public var groupPrefix: String
        /// Parts of the sandbox that the operator goes without.
        public var unsafelyWithout: Set<SandboxPart>
        /// ABI versions that are offered, the preferred one first.
        public var abi: [UInt32]
        /// What holds workers to their limits; nil for the best that there is.
        public var limits: LimitMechanism?

        public init(
            executable: String, runtimeFolder: String? = SwiftRuntime.folder(), groupPrefix: String,
            unsafelyWithout: Set<SandboxPart> = [], abi: [UInt32] = WorkerLauncher.spokenABI,
            limits: LimitMechanism? = nil
        ) {
            self.executable = executable
            self.runtimeFolder = runtimeFolder
            self.groupPrefix = groupPrefix
            self.unsafelyWithout = unsafelyWithout
            self.abi = abi
            self.limits = limits
        }
    }

    /// The current version and the one before it, if there is one.
    public static let spokenABI: [UInt32] = [UInt32(ZOS_PLUGIN_ABI), UInt32(ZOS_PLUGIN_ABI) - 1].filter { $0 > 0 }

    let configuration: Configuration
    let supervisor: NotificationSupervisor
    private let spawner: SpawnerThread
    /// What holds the workers to their limits.
    public let limits: LimitMechanism

    public init(_ configuration: Configuration, supervisor: NotificationSupervisor) throws(HostingError) {
        self.configuration = configuration
        self.supervisor = supervisor
        spawner = try SpawnerThread()
        limits = configuration.limits ?? .best(for: configuration.groupPrefix)
    }

    /// Ends the thread that started the workers, and with it every worker.
    public func close() { spawner.close() }

    /// Starts a worker for `plan`. It is loading when this returns.
    func launch(_ plan: WorkerPlan) async throws(HostingError) -> LaunchedWorker {
        try SandboxSupport.check(
            needsUserNamespace: plan.policy.needsUserNamespace, missing: SandboxSupport.missing(),
            unsafelyWithout: configuration.unsafelyWithout)
        return try await spawner.perform { [self] in
            Result { () throws(HostingError) in
                try WorkerLaunch(plan: plan, configuration: configuration, tree: limits.tree).start()
            }
        }
    }
}

/// A worker that has been started.
struct LaunchedWorker: Sendable {
    let process: OwnedDescriptor
    let pid: Int32
    let socket: OwnedDescriptor
    /// Reading end of its standard output and error.
    let output: OwnedDescriptor
    let group: Cgroup?

    /// Ends a worker that nobody can serve. Takes as long as a SIGKILL.
    func abandon() {
        var ended = zos_ended()
        zos_pidfd_signal(process.number, SIGKILL)
        zos_pidfd_wait(process.number, 1, &ended)
        try? group?.remove()  // the reason why nobody can serve it is what is worth telling
    }
}
