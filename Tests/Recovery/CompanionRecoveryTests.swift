import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("Companions and the core's death", .serialized)
struct CompanionRecoveryTests {
    @Test("a companion survives SIGKILL of the core, and the next core has it with output and exit status")
    func survives() async throws {
        let name = "zos-recovery-\(getpid())"
        let folder = "/tmp/\(name)"
        let process = try Self.killCore(name, folder)
        let runner = try Self.runner(name, folder)
        let clock = ContinuousClock()
        let begin = clock.now
        let found = try await runner.adopt()
        print("adopted in \(clock.now - begin)")
        #expect(found.map(\.process) == [process])
        #expect(found.first?.output == "alive\n")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runner.run() }
            kill(process, SIGTERM)
            var exits = runner.exits.makeAsyncIterator()
            let exit = try #require(await exits.next())
            #expect(exit.signal == SIGTERM)
            #expect(exit.output == "alive\n")
            group.cancelAll()
        }
        let identity = try CompanionIdentity(plugin: "first", instance: "one")
        try await runner.delete(identity, workload: nil)
        try Self.clear(name, folder)
    }

    @Test("what a core made before it was killed is swept by the next one only if its workload is not stored")
    func sweeps() async throws {
        let name = "zos-recovery-sweep-\(getpid())"
        let folder = "/tmp/\(name)"
        let process = try Self.killCore(name, folder)
        let runner = try Self.runner(name, folder)
        try await runner.adopt()
        let brokers = try Brokers(
            BrokerConfiguration(
                node: 1, state: folder + "/state", run: folder + "/run", namespaces: folder + "/netns"),
            registry: SubjectRegistry(), companions: runner)
        #expect(await brokers.sweep(known: ["7-12-x"]).isEmpty)
        #expect(kill(process, 0) == 0)
        #expect(await brokers.sweep(known: []) == ["companion/first/one"])
        #expect(kill(process, 0) != 0)
        #expect(CompanionFolder.all(in: folder + "/companions").isEmpty)
        #expect(await brokers.sweep(known: []).isEmpty)
        try Self.clear(name, folder)
    }

    private static func runner(_ name: String, _ folder: String) throws -> CompanionRunner {
        try CompanionRunner(
            CompanionConfiguration(
                shim: built + "/zos-shim", folder: folder + "/companions", cgroup: name, rootPolicy: .refused)
        ) { 990_002 }
    }

    /// Runs a core that starts a companion, and kills it. Returns the companion's process id.
    private static func killCore(_ name: String, _ folder: String) throws -> Int32 {
        try SmallFile.makeFolder(folder, mode: 0o711)
        var output: [Int32] = [-1, -1]
        #expect(pipe(&output) == 0)
        for end in output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let core = try spawn([built + "/recovery-core", built + "/zos-shim", folder, name], output: output[1])
        close(output[1])
        let started = try JSONValue(parsing: line(output[0]))
        close(output[0])
        let process = try #require(started["pid"]?.int64Value.flatMap(Int32.init(exactly:)), "\(started)")
        kill(core, SIGKILL)
        var status: Int32 = 0
        #expect(waitpid(core, &status, 0) == core)
        #expect(kill(process, 0) == 0, "the companion runs without a core")
        return process
    }

    private static func clear(_ name: String, _ folder: String) throws {
        try SmallFile.removeTree(folder)
        for root in try CgroupTree.mounted().roots.values { rmdir("\(root)/\(name)") }
    }

    private static var built: String {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(text[..<(text.lastIndex(of: "/") ?? text.startIndex)])
    }

    private static func spawn(_ arguments: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var process: pid_t = 0
        #expect(posix_spawn(&process, arguments[0], &actions, nil, &texts, environ) == 0)
        return process
    }

    private static func line(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return bytes
    }
}
