import CHost
import Glibc

/// The control group of one companion: its limits, and the truth about what runs.
struct Cgroup: Sendable {
    private static let cpuPeriod: UInt64 = 100_000

    let tree: CgroupTree
    /// Path below each root, such as `zos-1/companions/network.7-12-net`.
    let name: String

    private var folders: [String] { tree.roots.values.sorted().map { "\($0)/\(name)" } }

    /// Makes the group with its limits.
    func make(memory: UInt64, processes: UInt64, cpus: UInt64?) throws(HostingError) {
        if tree.generation == .two { try delegate() }
        for folder in folders { try SmallFile.makeFolder(folder, mode: 0o755) }
        let quota = cpus.map { min($0, 1024) * Self.cpuPeriod }
        switch tree.generation {
        case .one:
            // A used group refuses a limit below its use; the new one is empty.
            try set("memory", "memory.limit_in_bytes", "\(min(memory, UInt64(Int64.max)))")
            try set("pids", "pids.max", "\(processes)")
            if let quota, tree.roots["cpu"] != nil { try set("cpu", "cpu.cfs_quota_us", "\(quota)") }
        case .two:
            try set("", "memory.max", "\(memory)")
            // Where there is no swap there is no such file, and nothing to limit.
            try? set("", "memory.swap.max", "0")
            try set("", "pids.max", "\(processes)")
            if let quota { try set("", "cpu.max", "\(quota) \(Self.cpuPeriod)") }
        }
    }

    /// Generation 2: every group above has to hand the controllers down.
    private func delegate() throws(HostingError) {
        var folder = tree.roots[""] ?? ""
        for part in name.split(separator: "/").dropLast() {
            // Without the cpu controller the limits that matter still hold.
            _ = try? write(folder + "/cgroup.subtree_control", "+cpu")
            try write(folder + "/cgroup.subtree_control", "+memory +pids")
            folder += "/" + part
            try SmallFile.makeFolder(folder, mode: 0o755)
        }
        _ = try? write(folder + "/cgroup.subtree_control", "+cpu")
        try write(folder + "/cgroup.subtree_control", "+memory +pids")
    }

    private func set(_ controller: String, _ file: String, _ value: String) throws(HostingError) {
        guard let root = tree.roots[controller] else { return }
        try write("\(root)/\(name)/\(file)", value)
    }

    private func write(_ path: String, _ value: String) throws(HostingError) {
        let file = try checkedErrno(open(path, O_WRONLY | O_CLOEXEC), "open \(path)")
        defer { close(file) }
        try SmallFile.write(file, Array(value.utf8), "set \(path) to \(value)")
    }

    /// Descriptors to write `0` to, to enter the group.
    func entrances() throws(HostingError) -> [OwnedDescriptor] {
        let file = tree.generation == .one ? "tasks" : "cgroup.procs"
        var result: [OwnedDescriptor] = []
        for folder in folders {
            result.append(
                OwnedDescriptor(
                    taking: try checkedErrno(open("\(folder)/\(file)", O_WRONLY | O_CLOEXEC), "open \(folder)")))
        }
        return result
    }

    /// Process ids in the group.
    func processes() throws(HostingError) -> [Int32] {
        guard let folder = folders.last, let bytes = try SmallFile.read(folder + "/cgroup.procs") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
    }

    /// Kills everything in the group and waits until it is empty. Blocks.
    /// - Throws: `deadlineExceeded` if something is still there after 5 seconds (in an uninterruptible wait, say).
    func kill() throws(HostingError) {
        let deadline = ContinuousClock.now + .seconds(5)
        // Generation 2 kills whole groups from Linux 5.14 on; whoever is left after it is killed one by one.
        if tree.generation == .two, try !processes().isEmpty { try? set("", "cgroup.kill", "1") }
        var pause: UInt32 = 200
        while true {
            let found = try processes()
            if found.isEmpty { return }
            for process in found {
                // Between reading and killing the number may go to another process only if this one has ended; the
                // group is asked again after opening a descriptor, which then stands for one process for good.
                let descriptor = zos_pidfd_open(process)
                guard descriptor >= 0 else { continue }
                defer { close(descriptor) }
                if try processes().contains(process) { zos_pidfd_signal(descriptor, SIGKILL) }
            }
            guard ContinuousClock.now < deadline else {
                throw HostingError(.deadlineExceeded, "processes of \(name) do not end: \(found)", isRetryable: true)
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// Removes the empty group; gone is success.
    func remove() throws(HostingError) {
        for folder in folders {
            var attempts = 0
            while rmdir(folder) != 0 && errno != ENOENT {
                // A process that has been reaped may keep its group busy for a moment longer.
                guard errno == EBUSY, attempts < 200 else { throw failure(folder) }
                attempts += 1
                usleep(1000)
            }
        }
    }

    private func failure(_ folder: String) -> HostingError {
        HostingError(.operationFailed, "cannot remove the control group \(folder): \(systemText(errno))")
    }
}
