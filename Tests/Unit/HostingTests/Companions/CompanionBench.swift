import CHost
import Glibc
import JSON
import Synchronization

@testable import Hosting

/// A runner in a folder and control group of its own, and what it takes to clear both away.
struct CompanionBench {
    static let counter = Atomic<UInt32>(0)
    static let program = "/bin/sh"

    var configuration: CompanionConfiguration
    let root: String

    init(rootPolicy: CompanionConfiguration.RootPolicy = .refused) {
        let name = "zos-test-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        root = "/tmp/\(name)"
        configuration = CompanionConfiguration(
            shim: Self.shim, folder: "\(root)/companions", cgroup: "\(name)/companions", rootPolicy: rootPolicy)
    }

    /// The shim that the package builds beside the tests.
    static var shim: String {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text[..<(text.lastIndex(of: "/") ?? text.startIndex)] + "/zos-shim"
    }

    func runner() throws -> CompanionRunner {
        let box = UserCounter(next: 900_000 + UInt32(getpid() % 1000) * 64)
        return try CompanionRunner(configuration) { box.take() }
    }

    /// Runs `body` with a runner whose loop is going, and leaves nothing behind.
    func withRunner(_ body: (CompanionRunner) async throws -> Void) async throws {
        do {
            let runner = try runner()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await runner.run() }
                defer { group.cancelAll() }
                try await body(runner)
            }
        } catch {
            try await clear()
            throw error
        }
        try await clear()
    }

    func clear() async throws {
        let runner = try runner()
        try await runner.adopt()
        for identity in CompanionFolder.all(in: configuration.folder) {
            try await runner.delete(identity, workload: nil)
        }
        try SmallFile.removeTree(root)
        for folder in try CgroupTree.mounted().roots.values {
            rmdir("\(folder)/\(configuration.cgroup)")
            rmdir("\(folder)/\(configuration.cgroup.prefix { $0 != "/" })")
        }
    }
}

final class UserCounter: Sendable {
    private let next: Mutex<UInt32>
    init(next: UInt32) { self.next = Mutex(next) }
    func take() -> UInt32 {
        next.withLock {
            $0 += 1
            return $0
        }
    }
}

extension CompanionRunner {
    /// Starts `/bin/sh -c script`.
    func startScript(
        _ script: String, instance: String = "one", workload: String? = "7-12-x", extra: JSONObject = [:],
        slots: JSONValue = [:], descriptors: [OwnedDescriptor] = []
    ) async throws -> (started: Bool, process: Int32) {
        try await start(
            try launch(script, instance: instance, workload: workload, extra: extra, slots: slots, descriptors))
    }

    nonisolated func launch(
        _ script: String, instance: String = "one", workload: String? = "7-12-x", extra: JSONObject = [:],
        slots: JSONValue = [:], _ descriptors: [OwnedDescriptor] = []
    ) throws -> CompanionLaunch {
        var manifest: JSONObject = [
            "id": "test", "program": "/bin/sh", "arguments": ["-c", .string(script)],
        ]
        for member in extra.members { manifest[member.key] = member.value }
        let specification = try CompanionSpecification(parsing: .object(manifest))
        let identity = try CompanionIdentity(plugin: "tester", instance: instance)
        var launch = CompanionLaunch(
            identity: identity, workload: workload, specification: specification, slots: slots,
            command: try command(specification, identity, slots: slots))
        launch.descriptors = descriptors
        return launch
    }
}
