import JSON
import PluginSDK

/// The programs of one machine: QEMU, and virtiofsd for its root and for each directory that it mounts.
struct MachineCompanions: Sendable {
    let names: MachineNames
    /// Companions that serve directories.
    let shares: [String]
    let context: Context

    init(_ workload: Workload<ZMachine>, _ context: Context) {
        names = MachineNames(workload: workload.id)
        shares = workload.shareInstances
        self.context = context
    }

    /// Sockets in the instances' folders.
    private static let control = "control"
    private static let share = "share"

    /// QEMU counts memory in MiB.
    private static func mebibytes(_ bytes: UInt64) -> UInt64 { bytes / (1 << 20) + (bytes % (1 << 20) == 0 ? 0 : 1) }

    var isRunning: Bool {
        get async throws {
            guard try await context.companions.status(names.machine).isRunning else { return false }
            for instance in [names.files] + shares {
                guard try await context.companions.status(instance).isRunning else { return false }
            }
            return true
        }
    }

    /// Starts all and waits until QEMU answers.
    func start(_ plan: MachinePlan, data: ZMachine, accelerator: Accelerator, image: GuestImage) async throws {
        try await context.companions.start(
            "files", instance: names.files, slots: ["socket": .string(Self.share), "root": .string(names.overlay)])
        for share in plan.shares {
            try await context.companions.start(
                "files", instance: share.instance,
                slots: ["socket": .string(Self.share), "root": Slot.export("directory", of: share.workload)])
        }
        let shares = plan.shares.enumerated().map { index, share -> JSONValue in
            [
                "index": number(index), "tag": .string(share.tag),
                "share": Slot.connection(to: share.instance, socket: Self.share),
            ]
        }
        let interfaces = plan.interfaces.enumerated().map { index, interface -> JSONValue in
            ["index": number(index), "tap": Slot.tap(interface.tap), "mac": .string(interface.mac.text)]
        }
        // Sets of descriptors are counted from 1.
        let disks = plan.disks.enumerated().map { index, disk -> JSONValue in
            [
                "index": number(index + 1), "disk": Slot.export("block-device", of: disk.workload),
                "serial": .string(disk.serial),
            ]
        }
        var slots: JSONObject = [
            "name": .string(names.machine), "accelerator": .string(accelerator.rawValue),
            "processor": .string(accelerator.cpu), "cpus": number(data.computeCapacity.cpu),
            "memory": number(Self.mebibytes(data.computeCapacity.memory)), "control": .string(Self.control),
            "console": .string(Console.socket), "share": Slot.connection(to: names.files, socket: Self.share),
            "interfaces": .array(interfaces), "disks": .array(disks), "shares": .array(shares),
        ]
        for (name, value) in image.slots { slots[name] = value }
        try await context.companions.start(
            "machine", instance: names.machine, slots: slots, descriptors: image.descriptors)
        try await control { control in try control.execute("query-status") }
    }

    /// Makes a file system on a disk that holds nothing that is known.
    func format(_ disk: GuestDisk) async throws {
        let slots: JSONObject = ["disk": Slot.export("block-device", of: disk.workload)]
        let look = try await context.companions.run("look", instance: names.format, slots: slots)
        // 0: found something, 2: nothing (blkid(8)); anything else is no answer, and then nothing is overwritten.
        if look.code == 0 { return }
        guard look.code == 2 else {
            throw PluginError.failed("cannot tell whether disk \(disk.name) is blank: \(look.output)")
        }
        let made = try await context.companions.run("format", instance: names.format, slots: slots)
        guard made.code == 0 else {
            throw PluginError.failed("cannot make a file system on disk \(disk.name): \(made.output)")
        }
    }

    func pause() async throws { try await control { control in try control.execute("stop") } }

    func resume() async throws { try await control { control in try control.execute("cont") } }

    /// Ends all: the guest is asked with ctrl-alt-delete and given five seconds, then its power is cut. Not running
    /// is fine (docs/spec/workloads.md section 6.8).
    func stop() async throws {
        if try await context.companions.status(names.machine).isRunning {
            do {
                try await control(limit: .seconds(5)) { control in
                    // A paused guest cannot hear.
                    let status = try control.execute("query-status")
                    guard status["running"]?.boolValue == true else { return }
                    let keys = ["ctrl", "alt", "delete"].map { key -> JSONValue in
                        ["type": "qcode", "data": .string(key)]
                    }
                    try control.execute("send-key", ["keys": .array(keys)])
                    _ = control.waitForEnd()
                }
            } catch {
                context.log(.notice, "machine \(names.workload) is stopped the hard way: \(error)")
            }
        }
        try await context.companions.delete(names.machine)
        for instance in [names.files] + shares { try await context.companions.delete(instance) }
    }

    private func control(
        limit: Duration = .seconds(10), _ body: @escaping @Sendable (inout MachineControl) throws -> Void
    )
        async throws
    {
        let socket = try await context.companions.connect(names.machine, socket: Self.control)
        try await offThread {
            var control = try MachineControl(socket, limit: limit)
            try body(&control)
        }
    }

    private func number(_ value: some FixedWidthInteger) -> JSONValue { .number(JSONNumber(value)) }
}
