import PluginSDK

/// Makes a machine of its plan (docs/spec/workloads.md section 6.3).
struct MachineSetup: Sendable {
    let plan: MachinePlan
    let companions: MachineCompanions
    let context: Context
    let probe: AcceleratorProbe
    let history: CrashHistory

    private static let image = "/image.raw"
    private static let kernel = "/boot/vmlinuz"
    private static let initramfs = "/boot/initrd.img"
    private static let startup = "/.startup.toml"

    func run(_ data: ZMachine, _ undo: inout Undo) async throws {
        let node = try await context.node()
        guard data.computeCapacity.cpu <= node.cpus else {
            throw PluginError.invalid(
                "the machine asks for \(data.computeCapacity.cpu) cpus, the node has \(node.cpus)")
        }
        let root = try await context.roots.open(
            data.flist, probe: [Self.image], read: [Self.startup], files: [Self.kernel, Self.initramfs])
        guard root.files.isEmpty else {
            throw PluginError.unsupported(
                "the root brings \(Self.image) to boot; this node boots kernels of roots and its own, not disks")
        }
        let startup = root.texts[Self.startup].map(Startup.init)
        // Before anything is made: what is wrong in the data is the user's to change.
        let program = try MachineProgram(data, startup: startup)
        let kernel = try root.opened[Self.kernel].map { file in
            OwnKernel(kernel: file, initramfs: root.opened[Self.initramfs], start: try OwnKernel.start(program))
        }
        let overlay = plan.names.overlay
        let isNew = try await context.roots.createOverlay(overlay, of: root.handle, size: RootDisk.size(data))
        if isNew { undo.add { [context] in try await context.roots.deleteOverlay(overlay) } }
        for disk in plan.disks { try await companions.format(disk) }
        for interface in plan.interfaces {
            let tap = interface.tap
            let isNew = try await context.taps.create(tap, on: interface.segmentOf, mac: interface.mac.text)
            if isNew { undo.add { [context] in try await context.taps.delete(tap) } }
        }
        let image = try await image(
            kernel, data: data, startup: startup, program: program, nameservers: node.nameservers, isFirstStart: isNew)
        let accelerator = try await probe.accelerator(context)
        undo.add { [companions, history, names = plan.names] in
            history.beginStopping(names.workload)
            try await companions.stop()
        }
        try await companions.start(plan, data: data, accelerator: accelerator, image: image)
    }

    private func image(
        _ own: OwnKernel?, data: ZMachine, startup: Startup?, program: MachineProgram, nameservers: [String],
        isFirstStart: Bool
    ) async throws -> GuestImage {
        let scratch = try context.folder("scratch")
        let name = plan.names.machine
        if let own {
            let seed = try SeedDisk(
                plan, workload: companions.names.workload, program: program, keys: MachineProgram.keys(data),
                nameservers: nameservers
            ).bytes
            return try await offThread {
                try GuestImage(
                    kernel: own.kernel, initramfs: own.initramfs, start: own.start, seed: seed, scratch: scratch,
                    name: name)
            }
        }
        let configuration = try GuestConfiguration(
            plan, data: data, startup: startup, nameservers: nameservers, isFirstStart: isFirstStart)
        let package = try context.folder("package")
        return try await offThread {
            try GuestImage(package: package, scratch: scratch, name: name, configuration: configuration)
        }
    }
}

extension MachineCompanions {
    /// Lets the guest run or stand still.
    func match(paused: Bool) async throws {
        if paused { try await pause() } else { try await resume() }
    }
}
