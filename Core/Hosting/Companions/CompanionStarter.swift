import CHost
import Glibc

/// Brings one companion up under a shim. Everything here blocks: for a thread of one's own.
struct CompanionStarter: Sendable {
    let configuration: CompanionConfiguration
    let cgroup: Cgroup
    let folder: CompanionFolder
    let boot: String

    /// A running companion.
    struct Started: Sendable {
        let record: CompanionRecord
        let handle: OwnedDescriptor
        let output: OwnedDescriptor
        let shim: Int32?
    }

    /// - Throws: with nothing left running; the folder stays for another attempt.
    func start(_ launch: CompanionLaunch, user: UInt32) throws(HostingError) -> Started {
        var record = CompanionRecord(
            plugin: launch.identity.plugin, companion: launch.specification.id, instance: launch.identity.instance,
            workload: launch.workload, phase: .starting, nonce: Self.nonce(), user: user, boot: boot,
            holds: launch.holds, output: launch.specification.limits.output,
            restart: launch.specification.restart, history: launch.history)
        if record.restart != .never { record.slots = launch.slots }
        try folder.make(user: user)
        try folder.removeStatus()
        try folder.write(record)  // before anything exists, so that a restarted core finds what it has to clear away
        let limits = launch.specification.limits
        try cgroup.make(
            memory: try limits.memory?.value(launch.slots) ?? configuration.defaultMemory,
            processes: try limits.processes?.value(launch.slots) ?? configuration.defaultProcesses,
            cpus: try limits.cpus?.value(launch.slots))
        let output = OwnedDescriptor(taking: try checked(zos_memfd_append("companion"), "make a log"))
        let shimFolder = try folder.openShim()
        let control = OwnedDescriptor(taking: try checked(zos_shim_listen(shimFolder.number, "control"), "bind"))
        var table = [control, output, shimFolder]
        let plan = try plan(launch, record, table: &table)
        let descriptors = [plan.number] + table.map(\.number)
        let shim = try checked(
            zos_shim_spawn(
                configuration.shim, launch.input?.number ?? -1, descriptors, UInt32(clamping: descriptors.count)),
            "start \(configuration.shim)")
        withExtendedLifetime((plan, table)) {}
        let report: ShimConnection.Report
        do throws(HostingError) {
            report = try ShimConnection(folder: shimFolder.number).query(timeout: .seconds(10))
        } catch {
            zos_kill(shim, SIGKILL)
            Self.reap(shim)
            try cgroup.kill()
            throw error
        }
        guard report.state == UInt32(ZOS_SHIM_RUNNING) || report.state == UInt32(ZOS_SHIM_EXITED),
            let handle = report.handle
        else {
            try? ShimConnection(folder: shimFolder.number).forget()
            Self.reap(shim)
            throw HostingError(
                .startFailed,
                "companion \(launch.specification.id) (\(launch.specification.program)) did not start: \(report.failure)",
                hint: "check that the program is installed and that the manifest's mounts and capabilities are right")
        }
        record.phase = .running
        record.process = report.process
        record.startTime = report.startTime
        try folder.write(record)
        return Started(record: record, handle: handle, output: output, shim: shim)
    }

    /// The plan, in a memory file. `table` gets what the plan names, in the order of the shim's numbers.
    private func plan(
        _ launch: CompanionLaunch, _ record: CompanionRecord, table: inout [OwnedDescriptor]
    ) throws(HostingError) -> OwnedDescriptor {
        func number(_ descriptor: OwnedDescriptor) -> UInt32 {
            table.append(descriptor)
            return UInt32(Int(ZOS_SHIM_PLAN) + table.count)
        }
        let specification = launch.specification
        var plan = LaunchPlan()
        try plan.add(ZOS_SHIM_TAG_NONCE, text: record.nonce)
        try plan.add(ZOS_SHIM_TAG_PROGRAM, text: specification.program)
        for argument in launch.command.arguments { try plan.add(ZOS_SHIM_TAG_ARGUMENT, text: argument) }
        for entry in launch.command.environment { try plan.add(ZOS_SHIM_TAG_ENVIRONMENT, text: entry) }
        for entrance in try cgroup.entrances() {
            try plan.add(ZOS_SHIM_TAG_CGROUP, words: [number(entrance)])
        }
        try plan.add(ZOS_SHIM_TAG_USER, words: [record.user, record.user])
        let capabilities = specification.capabilities
        try plan.add(
            ZOS_SHIM_TAG_CAPABILITIES,
            words: [UInt32(truncatingIfNeeded: capabilities), UInt32(truncatingIfNeeded: capabilities >> 32)])
        switch specification.network {
        case .empty: try plan.add(ZOS_SHIM_TAG_NETWORK, words: [UInt32(ZOS_SHIM_NETWORK_EMPTY), 0])
        case .node: try plan.add(ZOS_SHIM_TAG_NETWORK, words: [UInt32(ZOS_SHIM_NETWORK_NODE), 0])
        case .slot(let slot):
            guard let network = launch.network else {
                throw HostingError(.invalid, "slot \(slot) has to name a namespace")
            }
            try plan.add(
                ZOS_SHIM_TAG_NETWORK, words: [UInt32(ZOS_SHIM_NETWORK_GIVEN), number(network)])
        }
        // Root's processes could be ended by any other of root's that sees them.
        if specification.hasOwnProcesses || record.user == 0 { try plan.add(ZOS_SHIM_TAG_PROCESSES, words: [1]) }
        for path in configuration.hidden + [configuration.folder] { try plan.add(ZOS_SHIM_TAG_HIDE, text: path) }
        // Where the command line says that its files are.
        try plan.add(
            ZOS_SHIM_TAG_MOUNT, words: [number(try Self.clone(try folder.openFiles()))], text: folder.files)
        for mount in specification.mounts {
            let tree: OwnedDescriptor
            switch mount.source {
            case .folder: tree = try Self.clone(try folder.openFiles())
            case .slot(let slot):
                guard let given = launch.mounts[slot] else { throw HostingError(.invalid, "slot \(slot) is missing") }
                tree = given
            }
            try Self.restrict(tree, mount)
            try plan.add(ZOS_SHIM_TAG_MOUNT, words: [number(tree)], text: mount.at)
        }
        var limits: [(resource: UInt32, value: UInt64)] = [
            (UInt32(RLIMIT_CORE.rawValue), 0), (UInt32(RLIMIT_NOFILE.rawValue), specification.limits.descriptors),
        ]
        if let most = specification.limits.file { limits.append((UInt32(RLIMIT_FSIZE.rawValue), most)) }
        for limit in limits {
            try plan.add(
                ZOS_SHIM_TAG_LIMIT,
                words: [
                    limit.resource, UInt32(truncatingIfNeeded: limit.value),
                    UInt32(truncatingIfNeeded: limit.value >> 32),
                ])
        }
        let filter = specification.filter == .noExecution ? ZOS_SHIM_SECCOMP_NO_EXEC : ZOS_SHIM_SECCOMP_DEFAULT
        try plan.add(ZOS_SHIM_TAG_SECCOMP, words: [UInt32(filter)])
        for (index, descriptor) in launch.descriptors.enumerated() {
            let place = UInt32(CompanionCommand.firstDescriptor + index)
            if launch.command.reopened.contains(index), record.user != 0,
                case .export(_, _, .readWrite) = launch.command.descriptors[index]
            {
                // Opening `/dev/fd/N` asks the file again, which belongs to the plugin that serves it.
                try checked(zos_grant(descriptor.number, record.user), "let the companion open its file by path")
            }
            try plan.add(ZOS_SHIM_TAG_DESCRIPTOR, words: [number(descriptor), place])
        }
        guard table.count < Int(ZOS_SHIM_DESCRIPTORS) else {
            throw HostingError(.invalid, "a companion gets at most 48 descriptors and mounts")
        }
        let file = OwnedDescriptor(taking: try checked(zos_memfd("plan"), "make a launch plan"))
        try SmallFile.write(file.number, try plan.bytes(), "write a launch plan")
        return file
    }

    /// A detached bind mount of a folder.
    static func clone(_ folder: OwnedDescriptor) throws(HostingError) -> OwnedDescriptor {
        OwnedDescriptor(taking: try checked(zos_open_tree(folder.number, "", 1, 0), "clone a mount"))
    }

    private static func restrict(_ tree: OwnedDescriptor, _ mount: CompanionSpecification.Mount) throws(HostingError) {
        let noSetUser: UInt64 = 2
        let noDevices: UInt64 = 4
        let attributes = noSetUser | noDevices | (mount.isReadOnly ? 1 : 0)
        try checked(zos_mount_restrict(tree.number, attributes), "restrict the mount at \(mount.at)")
    }

    private static func nonce() -> String {
        (0..<Int(ZOS_SHIM_NONCE) / 2).reduce(into: "") { text, _ in
            let byte = UInt8.random(in: .min ... .max)
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// Collects a shim that is about to end. Blocks for at most a second.
    static func reap(_ shim: Int32) {
        var status: Int32 = 0
        for _ in 0..<1000 where zos_reap(shim, &status) == 0 { usleep(1000) }
    }
}
