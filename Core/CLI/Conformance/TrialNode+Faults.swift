import Foundation
import JSON
import PluginTesting

/// What the kit does to a node, and what it sees of it.
extension TrialNode {
    func subjects() async throws -> [JSONValue] { try await fault("subjects").arrayValue ?? [] }

    func ask(_ operation: String, _ payload: JSONValue) async throws -> ConformanceAnswer {
        let answer = try await fault("ask", ["operation": .string(operation), "payload": payload])
        return ConformanceAnswer(
            status: answer["status"]?.stringValue ?? "", reply: answer["reply"] ?? .null,
            message: answer["message"]?.stringValue ?? "")
    }

    func watch(holdAt target: Int?) async throws {
        _ = try await fault("watch", target.map { ["at": .number(JSONNumber($0))] } ?? [:])
    }

    func points() async throws -> ConformancePoints {
        let state = try await fault("state")
        return ConformancePoints(
            passed: (state["passed"]?.arrayValue ?? []).compactMap(\.stringValue), held: state["held"]?.stringValue,
            questions: state["questions"]?.intValue ?? 0,
            services: (state["services"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    func release() async throws { _ = try await fault("release") }

    func killWorker() async throws {
        let workers = hostTraces.workers(of: plugin)
        guard !workers.isEmpty else {
            throw CommandError(
                .failed, "the worker of \(plugin) is in no control group",
                hint: "'zos doctor' says whether there are any")
        }
        try await ProcessTable.kill(workers)
    }

    func killCore() async throws {
        guard let process = try location.node().process else { throw CommandError(.failed, "the node has no process") }
        try await ProcessTable.kill([process])
    }

    func startCore() async throws { try await start() }

    func reboot() async throws {
        try await killCore()
        // What was forked at the last moment comes to light when the others are gone.
        for _ in 0..<3 { try await ProcessTable.kill(hostTraces.everyProcess()) }
        DevelopmentNetwork(folder: location.path + "/netns").remove()
        try await MountedFolder.remove(location.path + "/run", below: location.path)
        hostTraces.removeGroups()
        try await start()
    }

    func upgrade() async throws -> String {
        let target = "\(folder.plugins)/\(folder.name)"
        if let next {
            try FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: next, toPath: target)
            try await TrialProgram.zos([
                "plugin", "install", target, "--sign", "--canary", "0.5", "--state", location.path,
            ])
            return "the next version, installed while the node ran"
        }
        try FileManager.default.createDirectory(atPath: target + "/docs", withIntermediateDirectories: true)
        try Data("Makes another package of the same plugin.\n".utf8)
            .write(to: URL(fileURLWithPath: target + "/docs/another.txt"))
        try await stop()
        try await start()
        return "the same version with other content, the core restarted: give the next version with --upgrade"
    }

    /// Version and digest.
    func runningPackage() async throws -> String {
        let plugins = try await session(.first).client.call("zos.plugin.list").arrayValue ?? []
        let version = plugins.first { $0["id"] == .string(plugin) }?["version"]?.stringValue ?? ""
        let package = InstalledPlugins(location).package(of: plugin)
        return "\(version) \(package?.folder.split(separator: "/").last ?? "")"
    }

    func workerLives() async throws -> UInt64? {
        let plugins = try await session(.first).client.call("zos.plugin.list").arrayValue ?? []
        let own = plugins.first { $0["id"] == .string(plugin) }
        return own?["state"] == "ready" ? own?["restarts"]?.uint64Value : nil
    }

    func traces() async throws -> [String] { try await Self.offThread { [hostTraces] in try hostTraces.all() } }

    func processes() async throws -> [String] {
        hostTraces.processes().map { "\($0) \(ProcessTable.name(of: $0))" }
    }

    func workerDescriptors() async throws -> Int? {
        hostTraces.workers(of: plugin).first.flatMap(ProcessTable.descriptors)
    }

    /// From the node's log: ends of the plugin's workers, except those by SIGKILL, which are ours.
    func unexpectedEnds() async throws -> [String] {
        let log = FileManager.default.contents(atPath: location.path + "/node.log") ?? Data()
        return log.split(separator: UInt8(ascii: "\n")).compactMap { line -> String? in
            guard let entry = try? JSONValue(parsing: Array(line)),  // Other programs' lines are none of ours.
                entry["plugin"] == .string(plugin),
                let message = entry["message"]?.stringValue, message.hasPrefix("plugin ended")
            else { return nil }
            let reason = entry["reason"]?.stringValue ?? ""
            return entry["kind"] == "stopped" || reason.hasSuffix("crashed with signal 9") ? nil : reason
        }
    }

    private static func offThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}
