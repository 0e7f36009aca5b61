import Glibc

/// What keeps workers within their limits: the best that this host offers, of control groups of generation 2, of generation 1,
/// and the limits of setrlimit(2).
public struct LimitMechanism: Sendable {
    public enum Kind: String, Sendable {
        case controlGroups2 = "control groups, version 2"
        case controlGroups1 = "control groups, version 1"
        /// Memory is then limited as address space, and nothing holds processes together.
        case resourceLimits = "resource limits"
    }

    public let kind: Kind
    /// Why nothing better is used; empty with generation 2.
    public let reason: String
    let tree: CgroupTree?

    /// Only setrlimit(2), whatever the host has.
    public static func resourceLimits(because reason: String) -> LimitMechanism {
        LimitMechanism(kind: .resourceLimits, reason: reason, tree: nil)
    }

    /// Finds out by making a group below `group`, which needs root. Blocks for a moment.
    public static func best(for group: String) -> LimitMechanism {
        do throws(HostingError) {
            let mounts = String(decoding: try SmallFile.read("/proc/self/mounts") ?? [], as: UTF8.self)
            return try best(for: group, mounts: mounts)
        } catch {
            return resourceLimits(because: error.message)
        }
    }

    /// - Parameter mounts: the text of `/proc/self/mounts`.
    static func best(for group: String, mounts: String) throws(HostingError) -> LimitMechanism {
        var reasons: [String] = []
        let trees = try CgroupTree.all(mounts: mounts)
        if !trees.contains(where: { $0.generation == .two }) {
            reasons.append("no generation 2 with memory and pids is mounted")
        }
        if trees.isEmpty { reasons.append("no generation 1 with memory and pids is mounted") }
        for tree in trees {
            do throws(HostingError) {
                try tree.probe(below: group)
                return LimitMechanism(
                    kind: tree.generation == .two ? .controlGroups2 : .controlGroups1,
                    reason: reasons.joined(separator: "; "), tree: tree)
            } catch {
                reasons.append(error.message)
            }
        }
        return resourceLimits(because: reasons.joined(separator: "; "))
    }

    /// The tree, for what cannot do without.
    /// - Throws: `sandboxUnavailable` without control groups.
    func requireTree() throws(HostingError) -> CgroupTree {
        if let tree { return tree }
        throw HostingError(
            .sandboxUnavailable, "no control groups can be used: \(reason)",
            hint: "mount cgroup2 at /sys/fs/cgroup, or the memory and pids controllers of generation 1")
    }
}

extension CgroupTree {
    /// Makes a group with limits and removes it again.
    fileprivate func probe(below group: String) throws(HostingError) {
        let trial = Cgroup(tree: self, name: "\(group)/probe")
        // The group itself stays if it is in use.
        defer { for root in Set(roots.values) { rmdir("\(root)/\(group)") } }
        try trial.make(memory: 16 << 20, processes: 8, cpus: nil)
        try trial.remove()
    }
}
