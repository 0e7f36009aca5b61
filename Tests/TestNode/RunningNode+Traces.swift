import CHost
import Foundation
import Glibc
import Naming

extension RunningNode {
    /// Everything that workloads leave on the host: mounts, control groups with what runs in them, namespaces, files of the pool,
    /// reservations. Equal before and after, nothing was left.
    public func traces() -> [String] {
        var traces = Self.mounts(below: folder).map { "mount \($0)" }
        for group in groups() {
            traces.append("group \(group)")
            for process in Self.processes(in: group) {
                let name = FileManager.default.contents(atPath: "/proc/\(process)/comm") ?? Data()
                traces.append("process \(String(decoding: name, as: UTF8.self))")
            }
        }
        for place in ["run/netns", "run/companions", "pools"] {
            let names = FileManager.default.enumerator(atPath: "\(folder)/\(place)")?.compactMap { $0 as? String } ?? []
            traces += names.map { "file \(place)/\($0)" }
        }
        return traces.sorted()
    }

    /// Processes in the control groups of companions.
    public func companions() -> [Int32] {
        Set(groups().filter { $0.contains("/companions") }.flatMap(Self.processes)).sorted()
    }

    /// Removes the node with everything that it made, by force if the node does not do it itself. Never throws.
    public func remove() async {
        let outcome = try? await Programs.zos(["down", "--state", folder, "--remove", "--timeout", "30"])
        if outcome?.status != 0, let process = try? process() { Glibc.kill(process, SIGKILL) }
        for _ in 0..<100 {
            let left = groups().flatMap(Self.processes)
            guard !left.isEmpty else { break }
            for process in left { Glibc.kill(process, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        for path in Self.mounts(below: folder).reversed() { zos_unmount(path, 2) }
        try? FileManager.default.removeItem(atPath: folder)
        for group in groups().sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(group) }
    }

    /// The node's control groups in every hierarchy, outer ones first.
    private func groups() -> [String] {
        let digest = MD5.digest(Array(folder.utf8)).prefix(4)
        let name = "zos-" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let root = "/sys/fs/cgroup"
        let hierarchies = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return ([root] + hierarchies.map { "\(root)/\($0)" }).map { "\($0)/\(name)" }
            .filter { FileManager.default.fileExists(atPath: $0) }
            .flatMap { top in [top] + Self.folders(below: top) }.sorted()
    }

    private static func folders(below path: String) -> [String] {
        guard let entries = FileManager.default.enumerator(atPath: path) else { return [] }
        var folders: [String] = []
        for case let name as String in entries
        where entries.fileAttributes?[.type] as? FileAttributeType == .typeDirectory {
            folders.append("\(path)/\(name)")
        }
        return folders
    }

    private static func processes(in group: String) -> [Int32] {
        let text = FileManager.default.contents(atPath: group + "/cgroup.procs") ?? Data()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 1 }
    }

    /// Paths without blanks, since the folder is ours.
    private static func mounts(below folder: String) -> [String] {
        let table = String(
            decoding: FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 4 && words[4].hasPrefix(folder + "/") ? String(words[4]) : nil
        }
    }
}
