import CHost
import Glibc
import JSON
import WorkerSandbox

/// One start of a worker. Blocks: for the spawner thread only.
struct WorkerLaunch {
    let plan: WorkerPlan
    let configuration: WorkerLauncher.Configuration
    let tree: CgroupTree?

    /// Namespaces of every worker; in a user namespace of its own the last three are made inside it.
    private enum Namespace {
        static let mounts: UInt64 = 0x0002_0000
        static let hostNames: UInt64 = 0x0400_0000
        static let ipc: UInt64 = 0x0800_0000
        static let processes: UInt64 = 0x2000_0000
        static let network: UInt64 = 0x4000_0000
    }

    func start() throws(HostingError) -> LaunchedWorker {
        let group = try makeGroup()
        do {
            return try start(in: group)
        } catch {
            try? group?.remove()  // the failure to start is what is worth telling
            throw error
        }
    }

    private func start(in group: Cgroup?) throws(HostingError) -> LaunchedWorker {
        let folders = try openFolders()
        let object = try sealed("plugin", plan.object)
        let launchPlan = try sealed("plan", Array(describe(folders).utf8))
        var pair: [Int32] = [-1, -1]
        try checked(zos_packet_pair(&pair), "make a socket pair")
        let (ours, theirs) = (OwnedDescriptor(taking: pair[0]), OwnedDescriptor(taking: pair[1]))
        var pipe: [Int32] = [-1, -1]
        try checked(zos_pipe(&pipe), "make a pipe")
        let (output, input) = (OwnedDescriptor(taking: pipe[0]), OwnedDescriptor(taking: pipe[1]))
        try checkedErrno(fcntl(output.number, F_SETFL, O_NONBLOCK), "make a pipe")
        let nothing = OwnedDescriptor(
            taking: try checkedErrno(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
        let handed = [nothing, input, input, theirs, object, launchPlan] + folders
        let launched = try spawn(handed, entrances: try group?.entrances() ?? [])
        return LaunchedWorker(
            process: OwnedDescriptor(taking: launched.pidfd), pid: launched.pid, socket: ours, output: output,
            group: group)
    }

    /// A fresh group: counters of an earlier run would be taken for this one's.
    private func makeGroup() throws(HostingError) -> Cgroup? {
        guard let tree else { return nil }
        let group = Cgroup(
            tree: tree, name: "\(configuration.groupPrefix)/\(plan.plugin)\(plan.slot.isEmpty ? "" : "~")\(plan.slot)")
        try group.kill()
        try group.remove()
        try group.make(memory: plan.limits.memory, processes: plan.limits.processes, cpus: nil)
        return group
    }

    private func sealed(_ name: String, _ bytes: [UInt8]) throws(HostingError) -> OwnedDescriptor {
        let file = OwnedDescriptor(taking: try checked(zos_memfd(name), "make a memory file"))
        try SmallFile.write(file.number, bytes, "fill a memory file")
        try checked(zos_seal(file.number), "seal a memory file")
        // The worker opens it again by /proc/self/fd, as another user.
        try checkedErrno(fchmod(file.number, 0o444), "open a memory file to the worker")
        return file
    }

    /// Name of the package among the folders in the plugin's configuration.
    private static let package = "package"

    /// The plugin's own folders in the order of the policy, then the package.
    private func openFolders() throws(HostingError) -> [OwnedDescriptor] {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var opened: [OwnedDescriptor] = []
        for name in plan.policy.folders {
            guard let folder = plan.folders.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw HostingError(
                    .startFailed, "plugin \(plan.plugin) is entitled to the folder \(name), which it was not given")
            }
            let descriptor = OwnedDescriptor(
                taking: try checkedErrno(open(folder.path, flags), "open the folder \(folder.path)"))
            let user = plan.identity.hostUser
            try checkedErrno(fchown(descriptor.number, user, user), "give the folder \(folder.path) to the plugin")
            opened.append(descriptor)
        }
        if let package = plan.package {
            opened.append(
                OwnedDescriptor(taking: try checkedErrno(open(package, flags), "open the package \(package)")))
        }
        return opened
    }

    /// The launch plan's JSON text.
    private func describe(_ folders: [OwnedDescriptor]) throws(HostingError) -> String {
        let first = WorkerSandbox.LaunchPlan.Descriptor.firstFolder
        let numbers = folders.indices.map { first + Int32($0) }
        var open = JSONObject()
        for (name, number) in zip(plan.policy.folders, numbers) {
            let path = plan.folders.first { $0.name.utf8.elementsEqual(name.utf8) }?.path ?? ""
            open[name] = ["path": .string(path), "descriptor": .number(JSONNumber(number))]
        }
        if let package = plan.package, let number = numbers.last {
            open[Self.package] = ["path": .string(package), "descriptor": .number(JSONNumber(number))]
        }
        let settings: JSONValue = ["settings": plan.settings, "folders": .object(open)]
        let described = WorkerSandbox.LaunchPlan(
            plugin: plan.plugin, version: plan.version, abi: configuration.abi, user: userInside, group: userInside,
            capabilities: plan.policy.capabilities.sorted(), limits: plan.limits.resourceLimits(hasGroup: tree != nil),
            readable: WorkerPlan.libraryFolders + (configuration.runtimeFolder.map { [$0] } ?? []),
            folders: numbers.map { .init(descriptor: $0, isReadOnly: plan.package != nil && $0 == numbers.last) },
            calls: plan.policy.calls,
            configuration: settings.text, openCalls: plan.limits.calls,
            unsafelyWithout: configuration.unsafelyWithout.sorted { $0.rawValue < $1.rawValue })
        do {
            return try JSONValue(encoding: described).text
        } catch {
            throw HostingError(.startFailed, "the launch plan of \(plan.plugin) cannot be written: \(error)")
        }
    }

    private var userInside: UInt32 {
        switch plan.identity {
        case .user(let user): user
        case .userNamespace: WorkerIdentity.userInside
        }
    }

    private func spawn(_ handed: [OwnedDescriptor], entrances: [OwnedDescriptor]) throws(HostingError) -> zos_launched {
        var environment = ["SWIFT_BACKTRACE=enable=no", "MALLOC_ARENA_MAX=1", "LANG=C.UTF-8"]
        if let folder = configuration.runtimeFolder { environment.append("LD_LIBRARY_PATH=\(folder)") }
        var launch = zos_launch()
        var launched = zos_launched()
        let outer = Namespace.processes | Namespace.mounts
        let inner = Namespace.network | Namespace.ipc | Namespace.hostNames
        switch plan.identity {
        case .user:
            launch.namespaces = outer | inner
            launch.user_namespace = -1
        case .userNamespace(let namespace, _):
            launch.namespaces = outer
            launch.user_namespace = namespace.number
            launch.inner_namespaces = inner
        }
        launch.proc = Int32(ZOS_PROC_PRIVATE)
        let result = withCStrings([configuration.executable], environment) { path, arguments, environment in
            handed.map(\.number).withUnsafeBufferPointer { descriptors in
                entrances.map(\.number).withUnsafeBufferPointer { groups in
                    // SAFETY: every list outlives the call, which keeps none of them.
                    launch.path = path
                    launch.arguments = arguments
                    launch.environment = environment
                    launch.descriptors = descriptors.baseAddress
                    launch.descriptor_count = UInt32(descriptors.count)
                    launch.cgroups = groups.baseAddress
                    launch.cgroup_count = UInt32(groups.count)
                    return zos_launch_start(&launch, &launched)
                }
            }
        }
        guard result == 0 else {
            throw HostingError(
                .startFailed,
                "the worker of plugin \(plan.plugin) stopped at \(Self.stepName(launched.step)): "
                    + systemText(launched.error),
                hint: "`zos doctor` says what this host lacks", isRetryable: true)
        }
        return launched
    }

    static func stepName(_ step: Int32) -> String {
        let names = [
            "nothing", "clone", "its control group", "private mounts", "/proc", "its descriptors",
            "its user namespace", "its namespaces", "its folder", "exec",
        ]
        return names.indices.contains(Int(step)) ? names[Int(step)] : "step \(step)"
    }
}

/// Calls `body` with lists of C strings that end with nil. The first of `arguments` is the path.
func withCStrings<Answer>(
    _ arguments: [String], _ environment: [String],
    _ body: (
        UnsafePointer<CChar>?, UnsafePointer<UnsafeMutablePointer<CChar>?>?,
        UnsafePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Answer
) -> Answer {
    let copies = (arguments.map { strdup($0) }, environment.map { strdup($0) })
    defer { for copy in copies.0 + copies.1 { free(copy) } }
    return (copies.0 + [nil]).withUnsafeBufferPointer { first in
        (copies.1 + [nil]).withUnsafeBufferPointer { second in
            // SAFETY: both lists end with nil and live until `body` returns.
            body(copies.0.first.flatMap { UnsafePointer($0) }, first.baseAddress, second.baseAddress)
        }
    }
}
