import CHost
import Foundation
import JSON
import Testing
import WorkerFixtures
import WorkerSandbox

@testable import Hosting

/// Workers never outlive the core that judges their system calls.
@Suite("death of the core", .serialized)
struct CoreDeathTests {
    @Test(
        "SIGKILL of the core ends its worker, also a stopped one",
        arguments: [Int32?.none, SIGSTOP])
    func killed(_ before: Int32?) throws {
        let folder = NSTemporaryDirectory() + "/zos-core-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let core = try start(in: folder)
        defer { core.terminate() }
        let output = (core.standardOutput as? Pipe)?.fileHandleForReading
        let line = String(decoding: output?.availableData ?? Data(), as: UTF8.self)
        let pid = try #require(Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)), "no worker: \(line)")
        let worker = OwnedDescriptor(taking: zos_pidfd_open(pid))
        try #require(worker.number >= 0)
        if let before { #expect(zos_pidfd_signal(worker.number, before) == 0) }
        kill(core.processIdentifier, SIGKILL)
        var waits = pollfd(fd: worker.number, events: Int16(POLLIN), revents: 0)
        withExtendedLifetime(worker) {
            let count = poll(&waits, 1, 5000)
            #expect(count == 1 && waits.revents == Int16(POLLIN), "the worker \(pid) outlived its core")
        }
    }

    @Test("the end of the thread that starts workers ends them")
    func spawnerClosed() async throws {
        let launcher = try WorkerLauncher(WorkerBench.configuration, supervisor: NotificationSupervisor())
        let worker = PluginWorker(
            try WorkerBench.plan(), launcher: launcher, services: NoServices(), log: WorkerBench.log,
            restarts: RestartPolicy(first: .seconds(100)))
        try await worker.start()
        launcher.close()
        #expect(try await worker.failure().message.contains("signal 9"))
        await worker.stop()
        launcher.supervisor.close()
    }

    private func start(in folder: String) throws -> Process {
        let sources = ["child", "descriptors", "files", "launch", "namespaces", "processes", "sandbox"].map {
            "\(TestObject.repository)/Core/C/CHost/\($0).c"
        }
        try TestObject.compile(["core.c"] + sources, ["-O1", "-pthread"], to: "\(folder)/core")
        let plan = try WorkerBench.plan()
        let described = WorkerSandbox.LaunchPlan(
            plugin: plan.plugin, version: plan.version, abi: WorkerLauncher.spokenABI, user: plan.identity.hostUser,
            group: plan.identity.hostUser, capabilities: [], limits: [],
            readable: ["/lib", "/lib64", "/usr/lib", SwiftRuntime.folder() ?? "/usr/lib"], folders: [], calls: [],
            configuration: "{}")
        let files: [(String, [UInt8])] = [
            ("object", plan.object), ("plan", Array(try JSONValue(encoding: described).text.utf8)),
        ]
        for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(folder)/core")
        process.arguments = [
            WorkerBench.worker, "\(folder)/object", "\(folder)/plan", SwiftRuntime.folder() ?? "/usr/lib",
        ]
        process.standardOutput = Pipe()
        try process.run()
        return process
    }
}
