extension Cgroup {
    /// How many processes of the group the kernel has killed because it was full. 0 where that cannot be read.
    var outOfMemoryKills: UInt64 {
        let path =
            switch tree.generation {
            case .one: "\(tree.roots["memory"] ?? "")/\(name)/memory.oom_control"
            case .two: "\(tree.roots[""] ?? "")/\(name)/memory.events"
            }
        // A missing counter only costs a better explanation.
        guard let bytes = try? SmallFile.read(path) else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == "oom_kill" { return UInt64(fields[1]) ?? 0 }
        }
        return 0
    }
}
