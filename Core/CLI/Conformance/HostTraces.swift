import CHost
import Foundation
import JSON
import Naming
import Netlink

/// What a development node and its workloads have left on the host.
struct HostTraces: Sendable {
    /// The node's state folder.
    let state: String

    /// Mounts, control groups with the processes of workloads, namespaces, links inside the node's namespaces, loop devices, files of the
    /// pool and of companions, records of objects, reservations. Sorted.
    func all() throws -> [String] {
        var traces = Self.mounts(below: state).map { "mount \($0)" }
        for group in groups() where !group.contains("/workers") { traces.append("group \(group)") }
        traces += processes().map { "process \(ProcessTable.name(of: $0))" }
        for place in ["run/netns", "run/companions", "pools", "run/brokers"] {
            let names = FileManager.default.enumerator(atPath: "\(state)/\(place)")?.compactMap { $0 as? String } ?? []
            traces += names.map { "file \(place)/\($0)" }
        }
        traces += try links()
        traces += reservations()
        traces += loopDevices()
        return traces.sorted()
    }

    /// Processes of workloads, by id.
    func processes() -> [Int32] {
        Set(groups().filter { $0.contains("/companions") }.flatMap(Self.processes)).sorted()
    }

    /// Processes of a plugin's worker.
    func workers(of plugin: String) -> [Int32] {
        Set(groups().filter { $0.contains("/workers/\(plugin)") }.flatMap(Self.processes)).sorted()
    }

    /// Every process that is in a group of the node's.
    func everyProcess() -> [Int32] { Set(groups().flatMap(Self.processes)).sorted() }

    /// Takes the node's groups away, which must be empty.
    func removeGroups() { for group in groups().sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(group) } }

    /// The node's control groups in every hierarchy.
    private func groups() -> [String] {
        let digest = MD5.digest(Array(state.utf8)).prefix(4)
        let name = "zos-" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let root = "/sys/fs/cgroup"
        let hierarchies = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []  // None: no groups.
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

    private static func mounts(below folder: String) -> [String] {
        let table = FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data()
        return MountedFolder.mounts(below: folder, table: String(decoding: table, as: UTF8.self))
    }

    /// Links of the node's own namespace and of those that plugins made.
    private func links() throws -> [String] {
        let made = (try? FileManager.default.contentsOfDirectory(atPath: state + "/run/netns")) ?? []  // None yet.
        var all: [String] = []
        for path in [state + "/netns/host"] + made.map({ "\(state)/run/netns/\($0)" }) {
            let namespace = zos_namespace_open(path)
            // It may go at this moment; then it has no links.
            guard namespace >= 0 else { continue }
            defer { close(namespace) }
            let names = try? NamespaceThread.routes(in: namespace) { try $0.links().map(\.name) }
            all += (names ?? []).map { "link \(path.dropFirst(state.count + 1))/\($0)" }
        }
        return all
    }

    private func reservations() -> [String] {
        let folder = state + "/brokers/reservations"
        let spaces = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []  // None yet.
        return spaces.flatMap { space -> [String] in
            let bytes = FileManager.default.contents(atPath: "\(folder)/\(space)") ?? Data()
            let entries = (try? JSONValue(parsing: Array(bytes)))?["entries"]?.arrayValue ?? []  // Being replaced.
            return entries.map {
                "reserved \(space) \($0["value"]?.stringValue ?? "") for \($0["owner"]?.stringValue ?? "")"
            }
        }
    }

    private func loopDevices() -> [String] {
        let blocks = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/block")) ?? []  // No devices.
        return blocks.filter { $0.hasPrefix("loop") }.compactMap { name in
            let file = FileManager.default.contents(atPath: "/sys/block/\(name)/loop/backing_file") ?? Data()
            let path = String(decoding: file, as: UTF8.self)
            return path.hasPrefix(state + "/") ? "loop device over \(path)" : nil
        }
    }
}
