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
    private static let startup = "/.startup.toml"

    func run(_ data: ZMachine, _ undo: inout Undo) async throws {
        let node = try await context.node()
        guard data.computeCapacity.cpu <= node.cpus else {
            throw PluginError.invalid(
                "the machine asks for \(data.computeCapacity.cpu) cpus, the node has \(node.cpus)")
        }
        let root = try await context.roots.open(
            data.flist, probe: [Self.image, Self.kernel], read: [Self.startup])
        guard root.files.isEmpty else {
            throw PluginError.unsupported(
                "the root brings \(root.files.joined(separator: ", ")) to boot; this node runs roots on its own kernel")
        }
        let overlay = plan.names.overlay
        let isNew = try await context.roots.createOverlay(overlay, of: data.flist, size: RootDisk.size(data))
        if isNew { undo.add { [context] in try await context.roots.deleteOverlay(overlay) } }
        for disk in plan.disks { try await companions.format(disk) }
        for interface in plan.interfaces {
            let tap = interface.tap
            let isNew = try await context.taps.create(tap, on: interface.segmentOf, mac: interface.mac.text)
            if isNew { undo.add { [context] in try await context.taps.delete(tap) } }
        }
        let configuration = try GuestConfiguration(
            plan, data: data, startup: root.texts[Self.startup].map(Startup.init), nameservers: node.nameservers,
            isFirstStart: isNew)
        let (package, scratch) = (try context.folder("package"), try context.folder("scratch"))
        let name = plan.names.machine
        let image = try await offThread {
            try GuestImage(package: package, scratch: scratch, name: name, configuration: configuration)
        }
        let accelerator = try await probe.accelerator(context)
        undo.add { [companions, history, names = plan.names] in
            history.beginStopping(names.workload)
            try await companions.stop()
        }
        try await companions.start(plan, data: data, accelerator: accelerator, image: image)
    }
}

extension MachineCompanions {
    /// Lets the guest run or stand still.
    func match(paused: Bool) async throws {
        if paused { try await pause() } else { try await resume() }
    }
}
