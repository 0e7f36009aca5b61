import Foundation
import Testing
import WorkerFixtures

@testable import Hosting

/// This kernel may offer one generation only; the other one is tried on a tree of plain files.
@Suite("limits of workers", .serialized)
struct LimitMechanismTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "zos-cgroup-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ path: String, _ text: String = "") throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// A tree as the kernel shows it after the groups have been made.
    private func makeSecondGeneration(_ root: String, _ group: String, controllers: String) throws {
        try write(root + "/cgroup.controllers", controllers + "\n")
        var folder = root
        try write(folder + "/cgroup.subtree_control")
        for part in group.split(separator: "/") {
            folder += "/" + part
            try write(folder + "/cgroup.subtree_control")
        }
        for file in ["memory.max", "memory.swap.max", "pids.max", "cpu.max", "cgroup.procs"] {
            try write(folder + "/" + file)
        }
        try write(folder + "/memory.events", "low 0\noom 3\noom_kill 2\n")
    }

    @Test("generation 2 comes first, generation 1 second, and a mount without memory and pids counts for nothing")
    func order() throws {
        try withFolder { folder in
            try write(folder + "/full/cgroup.controllers", "cpuset cpu io memory pids\n")
            try write(folder + "/poor/cgroup.controllers", "hugetlb\n")
            let first = "cgroup /c/memory cgroup rw,memory 0 0\ncgroup /c/pids cgroup rw,pids 0 0\n"
            let full = "cgroup2 \(folder)/full cgroup2 rw 0 0\n"
            let poor = "cgroup2 \(folder)/poor cgroup2 rw 0 0\n"
            #expect(try CgroupTree.all(mounts: first + full).map(\.generation) == [.two, .one])
            #expect(try CgroupTree.all(mounts: first + poor).map(\.generation) == [.one])
            #expect(try CgroupTree.all(mounts: poor).isEmpty)
            #expect(throws: HostingError.self) { try CgroupTree(mounts: poor) }
            let mechanism = try LimitMechanism.best(for: "zos-x", mounts: poor)
            #expect(mechanism.kind == .resourceLimits && mechanism.reason.contains("generation 2"))
        }
    }

    @Test("a tree that cannot be used is passed over, with the reason")
    func unusable() throws {
        try withFolder { folder in
            // Files cannot be made there by opening them for writing only: as where groups may not be delegated.
            try write(folder + "/full/cgroup.controllers", "memory pids\n")
            let mechanism = try LimitMechanism.best(for: "zos-x", mounts: "cgroup2 \(folder)/full cgroup2 rw 0 0\n")
            #expect(mechanism.kind == .resourceLimits && mechanism.reason.contains("cgroup.subtree_control"))
        }
    }

    @Test("generation 2: controllers are handed down, limits are set, kills are counted")
    func second() throws {
        try withFolder { folder in
            let name = "zos-1/workers/x"
            try makeSecondGeneration(folder, name, controllers: "cpu memory pids")
            let tree = try CgroupTree(mounts: "cgroup2 \(folder) cgroup2 rw 0 0\n")
            let group = Cgroup(tree: tree, name: name)
            try group.make(memory: 64 << 20, processes: 9, cpus: 2)
            let path = folder + "/" + name
            #expect(text(path + "/memory.max") == "\(64 << 20)" && text(path + "/memory.swap.max") == "0")
            #expect(text(path + "/pids.max") == "9" && text(path + "/cpu.max") == "200000 100000")
            for above in ["", "/zos-1", "/zos-1/workers"] {
                #expect(text(folder + above + "/cgroup.subtree_control").contains("+memory +pids"))
            }
            // The leaf keeps its processes: it hands nothing down.
            #expect(text(path + "/cgroup.subtree_control").isEmpty)
            #expect(group.outOfMemoryKills == 2)
            #expect(try group.entrances().count == 1)
            try group.kill()
        }
    }

    @Test("without control groups a real worker is held by resource limits")
    func resourceLimits() async throws {
        var configuration = WorkerBench.configuration
        configuration.limits = .resourceLimits(because: "a test says so")
        let launcher = try WorkerLauncher(configuration, supervisor: try NotificationSupervisor())
        defer { launcher.close() }
        #expect(launcher.limits.kind == .resourceLimits)
        let limits = WorkerLimits(memory: 48 << 20, processes: 20, descriptors: 64)
        let worker = PluginWorker(
            try WorkerBench.plan(limits: limits), launcher: launcher, services: NoServices(), log: WorkerBench.log,
            restarts: RestartPolicy(first: .milliseconds(50)))
        try await worker.start()
        do {
            let (descriptors, _) = try await worker.ask("descriptors")
            #expect(descriptors["count"]?.intValue.map { $0 < 64 } == true)
            let (threads, _) = try await worker.ask("threads")
            #expect(threads["count"]?.intValue.map { (1..<20).contains($0) } == true, "\(threads)")
            await #expect(throws: HostingError.self) { try await worker.ask("memory", within: .seconds(60)) }
            for _ in 0..<2000 where worker.status.restarts == 0 || worker.status.name != "ready" {
                try await Task.sleep(for: .milliseconds(10))
            }
            _ = try await worker.ask("echo")
        } catch {
            await worker.stop(grace: .zero)
            throw error
        }
        await worker.stop(grace: .zero)
    }
}
