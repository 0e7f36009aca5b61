import CHost
import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// What a worker sees and has, told by a plugin from inside.
@Suite("a worker from inside", .serialized)
struct WorkerInsideTests {
    @Test("an own user without groups and capabilities, no new privileges, a filter, process 1 of its own")
    func identity() async throws {
        let user = WorkerBench.user()
        let plan = try WorkerBench.plan(identity: .user(user))
        let (inside, _) = try await WorkerBench.withWorker(plan) { try await $0.ask("describe") }
        let four = Array(repeating: "\(user)", count: 4).joined(separator: " ")
        #expect(inside["Uid"]?.stringValue == four && inside["Gid"]?.stringValue == four)
        #expect(inside["Groups"]?.stringValue == "")
        for set in ["CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb"] {
            #expect(inside[set]?.stringValue == "0000000000000000", "\(set)")
        }
        #expect(inside["NoNewPrivs"]?.stringValue == "1" && inside["Seccomp"]?.stringValue == "2")
        #expect(inside["Seccomp_filters"]?.stringValue == "1")
        #expect(inside["pid"]?.intValue == 1 && inside["NSpid"]?.stringValue == "1")
    }

    @Test("network administration is that capability exactly, in a user namespace of its own")
    func networkAdministration() async throws {
        let base: UInt32 = 0x7000_0000
        let namespace = OwnedDescriptor(taking: zos_userns_new(base, 65536))
        let policy = try SandboxPolicy.make(entitlements: [("network-administration", [:])])
        let plan = try WorkerBench.plan(policy: policy, identity: .userNamespace(namespace, base: base))
        try await WorkerBench.withWorker(plan) { worker in
            let (inside, _) = try await worker.ask("describe")
            for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(inside[set]?.stringValue == "0000000000001000") }
            for set in ["CapInh", "CapAmb"] { #expect(inside[set]?.stringValue == "0000000000000000") }
            #expect(inside["Uid"]?.stringValue == "1000 1000 1000 1000" && inside["pid"]?.intValue == 1)
            #expect(inside["NoNewPrivs"]?.stringValue == "1" && inside["Seccomp"]?.stringValue == "2")
        }
        #expect(plan.identity.hostUser == base + 1000)
    }

    @Test("what Landlock does not name cannot be opened, and nothing can be made")
    func files() async throws {
        let (inside, _) = try await WorkerBench.withWorker(try WorkerBench.plan()) { try await $0.ask("describe") }
        for path in ["/etc/shadow", "/etc/passwd", "/root", "/", "/tmp", "/var/lib", "/dev/kmsg", "/sys/kernel"] {
            #expect(inside["open"]?[path]?.intValue == Int(EACCES), "\(path)")
        }
        #expect(inside["open"]?["create in /tmp"]?.intValue == Int(EACCES))
        #expect(inside["open"]?["/dev/null"]?.intValue == 0)
    }

    @Test("/proc shows no other process and nothing of the system")
    func processes() async throws {
        let (inside, _) = try await WorkerBench.withWorker(try WorkerBench.plan()) { try await $0.ask("describe") }
        #expect(inside["otherProcesses"]?.intValue == 0)
        #expect(inside["open"]?["/proc/sys/kernel/hostname"]?.intValue == Int(ENOENT))
    }

    @Test("the environment and the descriptors are the listed ones and no others")
    func inheritance() async throws {
        let (inside, _) = try await WorkerBench.withWorker(try WorkerBench.plan()) { try await $0.ask("describe") }
        let names = (inside["environment"]?.stringValue ?? "").split(separator: " ").map { $0.split(separator: "=")[0] }
        #expect(Set(names) == ["SWIFT_BACKTRACE", "MALLOC_ARENA_MAX", "LANG", "LD_LIBRARY_PATH"])
        #expect(inside["descriptors"]?.stringValue == "0 1 2 3 ")
    }

    @Test("a folder of its own can be worked in, its surroundings cannot")
    func folder() async throws {
        let path = "/var/tmp/zos-test-\(getpid())-folder"
        try FileManager.default.createDirectory(atPath: path + "/pool", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let policy = try SandboxPolicy.make(entitlements: [("folder", ["name": "pool"])])
        let plan = try WorkerBench.plan(policy: policy, folders: [WorkerFolder(name: "pool", path: path + "/pool")])
        try await WorkerBench.withWorker(plan) { worker in
            let (configuration, _) = try await worker.ask("configuration")
            let folder = try #require(configuration["folders"]?["pool"])
            #expect(folder["path"]?.stringValue == path + "/pool")
            let (inside, _) = try await worker.ask("folder", ["descriptor": try #require(folder["descriptor"])])
            #expect(
                inside == ["made": 1, "wrote": 1, "kept": 0, "renamed": 0, "outside": 13, "executable": 0]
                    || inside["executable"]?.intValue == 13)
            #expect(inside["outside"]?.intValue == Int(EACCES) && inside["made"]?.intValue == 1)
        }
        let facts = try FileManager.default.attributesOfItem(atPath: path + "/pool/kept")
        #expect(facts[.ownerAccountID] as? UInt32 == plan.identity.hostUser)
        #expect(!FileManager.default.fileExists(atPath: path + "/outside"))
    }

    @Test("two workers share neither users nor namespaces with each other or the node")
    func apart() async throws {
        let plans = (try WorkerBench.plan(), try WorkerBench.plan())
        #expect(plans.0.identity.hostUser != plans.1.identity.hostUser)
        try await WorkerBench.withWorker(plans.0) { first in
            try await WorkerBench.withWorker(plans.1) { second in
                let (a, b) = (try await first.ask("describe").0, try await second.ask("describe").0)
                #expect(a["pid"]?.intValue == 1 && b["pid"]?.intValue == 1 && a["Uid"] != b["Uid"])
            }
        }
    }
}
