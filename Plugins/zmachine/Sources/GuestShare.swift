import PluginSDK

/// A directory of another workload that the machine mounts.
struct GuestShare: Sendable, Hashable {
    let workload: String
    /// The companion that serves it.
    let instance: String
    /// How the guest finds it.
    let tag: String
    let target: String
}

extension Workload<ZMachine> {
    /// The companions that serve directories to the machine, also when what they served is gone.
    var shareInstances: [String] {
        let names = MachineNames(workload: id)
        return (data.mounts ?? []).indices.filter { index in
            guard case .some = reference("/mounts/\(index)/name")?.export("block-device") else { return true }
            return false
        }.map(names.share(mount:))
    }
}
