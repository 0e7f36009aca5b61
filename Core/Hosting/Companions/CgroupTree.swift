import Glibc

/// Where the kernel's control groups are mounted, and which generation it has.
struct CgroupTree: Sendable, Hashable {
    enum Generation: Sendable { case one, two }

    let generation: Generation
    /// One folder per controller (memory, pids, cpu where present), or the one of generation 2.
    let roots: [String: String]

    /// - Parameter mounts: the text of `/proc/self/mounts`.
    /// - Throws: `sandboxUnavailable` if neither generation has both memory and pids.
    init(mounts: String) throws(HostingError) {
        guard let best = try Self.all(mounts: mounts).first else {
            throw HostingError(
                .sandboxUnavailable, "no control groups with memory and pids are mounted",
                hint: "mount cgroup2 at /sys/fs/cgroup, or the memory and pids controllers of generation 1")
        }
        self = best
    }

    private init(_ generation: Generation, _ roots: [String: String]) {
        self.generation = generation
        self.roots = roots
    }

    /// The hierarchies with both memory and pids, generation 2 first: it counts a worker's memory as one and is what
    /// distributions have.
    static func all(mounts: String) throws(HostingError) -> [CgroupTree] {
        var first: [String: String] = [:]
        var second: String?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 3 else { continue }
            if fields[2] == "cgroup2" { second = second ?? String(fields[1]) }
            guard fields[2] == "cgroup" else { continue }
            for option in fields[3].split(separator: ",") where ["memory", "pids", "cpu"].contains(option) {
                first[String(option)] = String(fields[1])
            }
        }
        var trees: [CgroupTree] = []
        if let second, let controllers = try SmallFile.read(second + "/cgroup.controllers"),
            Set(String(decoding: controllers, as: UTF8.self).split { $0 == " " || $0 == "\n" })
                .isSuperset(of: ["memory", "pids"])
        {
            trees.append(CgroupTree(.two, ["": second]))
        }
        if first["memory"] != nil && first["pids"] != nil { trees.append(CgroupTree(.one, first)) }
        return trees
    }

    /// Makes groups that only hold others: `a/b` is `b` within `a`.
    func make(_ name: String) throws(HostingError) {
        for root in roots.values { try SmallFile.makeFolder("\(root)/\(name)", mode: 0o755) }
    }

    /// Removes the group and those in it, as far as nothing runs there. Blocks for a moment.
    func removeEmpty(_ name: String) {
        for root in Set(roots.values) { Self.removeEmpty(folder: "\(root)/\(name)") }
    }

    private static func removeEmpty(folder: String) {
        for name in SmallFile.names(folder) {
            var facts = stat()
            guard lstat("\(folder)/\(name)", &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { continue }
            removeEmpty(folder: "\(folder)/\(name)")
        }
        var attempts = 0
        // A process that has just been reaped may keep its group busy for a moment longer.
        while rmdir(folder) != 0, errno == EBUSY, attempts < 50, isEmpty(folder) {
            attempts += 1
            usleep(1000)
        }
    }

    private static func isEmpty(_ folder: String) -> Bool {
        guard let processes = try? SmallFile.read(folder + "/cgroup.procs") else { return false }
        return processes.isEmpty
            && !SmallFile.names(folder).contains { access("\(folder)/\($0)/cgroup.procs", F_OK) == 0 }
    }

    static func mounted() throws(HostingError) -> CgroupTree {
        try CgroupTree(mounts: String(decoding: try SmallFile.read("/proc/self/mounts") ?? [], as: UTF8.self))
    }
}
