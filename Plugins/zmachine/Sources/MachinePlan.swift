import Addresses
import JSON
import PluginSDK

/// What a machine needs, worked out from its data and from what the workloads that it names hand over. Makes nothing.
struct MachinePlan: Sendable {
    let names: MachineNames
    let hostname: String
    let address: IPv4Address
    let interfaces: [GuestInterface]
    let disks: [GuestDisk]
    let shares: [GuestShare]

    /// - Throws: `PluginError.invalid` with what the user has to change.
    init(_ workload: Workload<ZMachine>) throws {
        try workload.validate()
        let data = workload.data
        try Self.refuseUnsupported(data)
        names = MachineNames(workload: workload.id)
        hostname = workload.name
        let (network, address) = try Attachment.private(workload)
        self.address = address
        interfaces = Attachment.interfaces([network] + [try Attachment.public(workload)].compactMap { $0 })
        (disks, shares) = try Self.mounts(workload)
    }

    private static func refuseUnsupported(_ data: ZMachine) throws {
        guard !data.network.planetary else {
            throw PluginError.unsupported("this node offers no planetary network: set network.planetary to false")
        }
        guard data.network.mycelium == nil else {
            throw PluginError.unsupported("this node offers no mycelium: leave network.mycelium out")
        }
        guard (data.gpu ?? []).isEmpty else {
            throw PluginError.unsupported("this node offers no GPU: leave gpu out")
        }
        guard !data.corex else {
            throw PluginError.unsupported("corex is not supported: set it to false and use the entrypoint")
        }
    }

    /// What each mount's workload hands over decides what it is: a disk or a directory.
    private static func mounts(_ workload: Workload<ZMachine>) throws -> ([GuestDisk], [GuestShare]) {
        var targets: [String] = []
        var disks: [GuestDisk] = []
        var shares: [GuestShare] = []
        for (index, mount) in (workload.data.mounts ?? []).enumerated() {
            guard let reference = workload.reference("/mounts/\(index)/name") else {
                throw PluginError.invalid("mount '\(mount.name)' is no disk of this deployment that is ok")
            }
            guard reference.isUsable else {
                throw PluginError.invalid("mount '\(mount.name)' is not ready: its state is \(reference.state)")
            }
            try check(mount, &targets)
            if case .some = reference.export("block-device") {
                disks.append(
                    GuestDisk(
                        name: mount.name, workload: reference.workload,
                        serial: MachineNames.serial(disk: reference.workload), target: mount.mountpoint))
            } else if case .some = reference.export("directory") {
                shares.append(
                    GuestShare(
                        workload: reference.workload,
                        instance: MachineNames(workload: workload.id).share(mount: index), tag: "v\(index)",
                        target: mount.mountpoint))
            } else {
                throw PluginError.invalid("mount '\(mount.name)' is no disk of this deployment that is ok")
            }
        }
        return (disks, shares)
    }

    private static func check(_ mount: ZMachine.Mount, _ targets: inout [String]) throws {
        let parts = mount.mountpoint.utf8.split(separator: UInt8(ascii: "/"))
        guard mount.mountpoint.hasPrefix("/"), !parts.isEmpty,
            !parts.contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw PluginError.invalid("mountpoint '\(mount.mountpoint)' has to be absolute, without .., and not /")
        }
        guard !targets.contains(where: { same($0, mount.mountpoint) }) else {
            throw PluginError.invalid("two disks cannot be mounted at '\(mount.mountpoint)'")
        }
        targets.append(mount.mountpoint)
    }
}
