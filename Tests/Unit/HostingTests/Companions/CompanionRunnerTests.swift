import CHost
import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("Companion runner", .serialized)
struct CompanionRunnerTests {
    private let one: CompanionIdentity

    init() throws { one = try CompanionIdentity(plugin: "tester", instance: "one") }

    @Test("a companion runs to its end with its own user, no capability, no new privileges and an empty network")
    func isConfined() async throws {
        try await CompanionBench().withRunner { runner in
            let exit = try await runner.runToEnd(
                try runner.launch(
                    "grep -E '^(Uid|Groups|Cap|NoNew)' /proc/self/status; ls /sys/class/net | wc -l; cat /proc/net/dev | wc -l; ls /proc/self/fd; exit 3"
                ),
                timeout: .seconds(10))
            #expect(exit.code == 3)
            #expect(exit.signal == nil)
            let output = exit.output
            #expect(!output.contains("Uid:\t0"))
            for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                #expect(output.contains("\(name):\t0000000000000000"), "\(output)")
            }
            #expect(output.contains("NoNewPrivs:\t1"))
            #expect(output.contains("\n3\n"), "two header lines and lo")
        }
    }

    /// Bytes of memory that the output of `one` takes.
    private func memory(_ runner: CompanionRunner) async throws -> off_t {
        var facts = stat()
        let output = try #require(await runner.running[one]?.output)
        try #require(fstat(output.number, &facts) == 0)
        return off_t(facts.st_blocks) * 512
    }

    @Test("output without end takes 8 MiB of memory at most between checks, and its end can be read")
    func boundsOutput() async throws {
        try await CompanionBench().withRunner { runner in
            _ = try await runner.startScript("head -c 50000000 /dev/zero; echo end; exec sleep 1000")
            let deadline = ContinuousClock.now + .seconds(20)
            // Nobody reads: what bounds it is the check once a second.
            while ContinuousClock.now < deadline {
                var facts = stat()
                let output = try #require(await runner.running[one]?.output)
                try #require(fstat(output.number, &facts) == 0)
                if facts.st_size == 50_000_004, try await memory(runner) <= 8 << 20 { break }
                await Task.yield()
            }
            #expect(try await memory(runner) <= 8 << 20)
            #expect(try await runner.status(one, workload: nil)?.output.hasSuffix("end\n") == true)
        }
    }

    @Test("the parent of all control groups is there from the start, and nothing of a node's stays when it ends")
    func makesGroupsAtStart() async throws {
        let bench = CompanionBench()
        let root = try #require(try CgroupTree.mounted().roots.values.first)
        let group = String(bench.configuration.cgroup.prefix { $0 != "/" })
        try await bench.withRunner { runner in
            try await runner.adopt()
            #expect(access("\(root)/\(bench.configuration.cgroup)", F_OK) == 0)
            _ = try await runner.startScript("exec sleep 1000")
            await ControlGroups.removeEmpty(group)
            #expect(try runner.cgroup(one).processes().count == 1, "what runs stays")
            try await runner.delete(one, workload: nil)
            #expect(SmallFile.names(bench.configuration.folder).isEmpty)
            await ControlGroups.removeEmpty(group)
            #expect(access("\(root)/\(group)", F_OK) != 0)
        }
    }

    @Test("a shim whose folder was deleted by force leaves once its companion has ended")
    func shimLeaves() async throws {
        let bench = CompanionBench()
        let runner = try bench.runner()
        _ = try await runner.startScript("exec sleep 1000")
        let left = try #require(await runner.running[one]?.shim)
        try SmallFile.removeTree(bench.root)
        #expect(waitpid(left, nil, WNOHANG) == 0, "as long as the companion runs, it stays")
        try runner.cgroup(one).kill()
        let deadline = ContinuousClock.now + .seconds(60)
        while waitpid(left, nil, WNOHANG) == 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(kill(left, 0) != 0)
        try await bench.clear()
    }

    @Test("capabilities are exactly those of the manifest, ambient for a user that is not root")
    func grantsCapabilities() async throws {
        try await CompanionBench().withRunner { runner in
            let exit = try await runner.runToEnd(
                try runner.launch("grep ^Cap /proc/self/status", extra: ["capabilities": ["NET_ADMIN"]]),
                timeout: .seconds(10))
            for name in ["CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                #expect(exit.output.contains("\(name):\t0000000000001000"), "\(exit.output)")
            }
        }
    }

    @Test("starting twice starts once, and stopping ends it with the signal that was asked for")
    func startIsIdempotent() async throws {
        try await CompanionBench().withRunner { runner in
            let first = try await runner.startScript("exec sleep 1000")
            let second = try await runner.startScript("exec sleep 1000")
            #expect(first.started)
            #expect(!second.started)
            #expect(first.process == second.process)
            try await runner.stop(one, signal: SIGTERM, grace: .seconds(5), workload: "7-12-x")
            let status = try #require(try await runner.status(one, workload: nil))
            #expect(!status.isRunning)
            #expect(try runner.folder(one).record()?.exit?.signal == SIGTERM)
        }
    }

    @Test("what ignores the signal is killed with everything in its control group, daemonised children included")
    func killsTheGroup() async throws {
        try await CompanionBench().withRunner { runner in
            _ = try await runner.startScript(
                "trap '' TERM; (setsid sleep 1000 &) ; echo ready > /dev/stdout; while true; do sleep 1; done")
            let cgroup = runner.cgroup(one)
            try await runner.stop(one, signal: SIGTERM, grace: .milliseconds(100), workload: nil)
            #expect(try cgroup.processes().isEmpty)
        }
    }

    @Test("an end that nobody asked for is told with code, uptime and the tail of the output")
    func tellsExits() async throws {
        try await CompanionBench().withRunner { runner in
            _ = try await runner.startScript("echo something broke >&2; exit 41")
            var exits = runner.exits.makeAsyncIterator()
            let exit = try #require(await exits.next())
            #expect(exit.code == 41)
            #expect(exit.instance == "one")
            #expect(exit.workload == "7-12-x")
            #expect(exit.output == "something broke\n")
        }
    }

    @Test("a program that cannot be run is an error that names the step, with nothing left")
    func reportsFailedStart() async throws {
        let bench = CompanionBench()
        try await bench.withRunner { runner in
            let error = await #expect(throws: HostingError.self) {
                _ = try await runner.startScript("", extra: ["program": "/nonexistent/program"])
            }
            #expect(error?.message.contains("run program: No such file") == true)
            let processes = try runner.cgroup(one).processes()
            #expect(processes.isEmpty)
            #expect(await runner.running.isEmpty)
        }
    }

    @Test("a mount point that the host lacks exists for the companion only")
    func mountsWithoutTraceOnTheHost() async throws {
        let point = "/var/lib/zos-test-\(getpid())/deep"
        try await CompanionBench().withRunner { runner in
            let exit = try await runner.runToEnd(
                try runner.launch(
                    "echo hello > \(point)/file && cat \(point)/file; test -e /var/lib/dpkg && echo others stay",
                    extra: ["mounts": [["at": .string(point), "folder": true]]]), timeout: .seconds(10))
            #expect(exit.output.contains("hello\n"), "\(exit.output)")
            #expect(exit.output.contains("others stay"))
            #expect(access("/var/lib/zos-test-\(getpid())", F_OK) != 0)
        }
    }

    @Test("a descriptor arrives at the number that the command line names, and no other does")
    func placesDescriptors() async throws {
        try await CompanionBench().withRunner { runner in
            let file = OwnedDescriptor(taking: zos_memfd("test"))
            let text = Array("through the descriptor".utf8)
            #expect(write(file.number, text, text.count) == text.count)
            lseek(file.number, 0, SEEK_SET)
            let exit = try await runner.runToEnd(
                try runner.launch("cat <&3; echo; ls /proc/$$/fd | tr '\\n' ' '", [file]), timeout: .seconds(10))
            #expect(exit.output.hasPrefix("through the descriptor\n0 1 2 3 "), "\(exit.output)")
        }
    }

    @Test("input is fed, and what does not end in time is killed and reported")
    func runsWithInputAndTimeout() async throws {
        try await CompanionBench().withRunner { runner in
            var launch = try runner.launch("cat")
            launch.input = OwnedDescriptor(taking: zos_memfd("input"))
            let text = Array("fed".utf8)
            write(launch.input?.number ?? -1, text, text.count)
            lseek(launch.input?.number ?? -1, 0, SEEK_SET)
            #expect(try await runner.runToEnd(launch, timeout: .seconds(10)).output == "fed")
            let error = await #expect(throws: HostingError.self) {
                _ = try await runner.runToEnd(try runner.launch("sleep 1000"), timeout: .milliseconds(50))
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(try runner.cgroup(one).processes().isEmpty)
        }
    }

    @Test("root is refused unless the operator allows it")
    func refusesRoot() async throws {
        let bench = CompanionBench()
        try await bench.withRunner { runner in
            #expect(throws: HostingError.self) { try runner.launch("true", extra: ["user": "root"]) }
        }
        try await CompanionBench(rootPolicy: .allowed).withRunner { runner in
            let exit = try await runner.runToEnd(
                try runner.launch(
                    "id -u; grep CapEff /proc/self/status", extra: ["user": "root", "capabilities": ["CHOWN"]]),
                timeout: .seconds(10))
            #expect(exit.output == "0\nCapEff:\t0000000000000001\n")
        }
    }

    @Test("another workload can neither see, stop nor connect to an instance")
    func keepsWorkloadsApart() async throws {
        try await CompanionBench().withRunner { runner in
            _ = try await runner.startScript("exec sleep 1000")
            for attempt in 0..<4 {
                await #expect(throws: HostingError.self) {
                    switch attempt {
                    case 0: _ = try await runner.status(one, workload: "8-1-y")
                    case 1: try await runner.stop(one, signal: 9, grace: .zero, workload: "8-1-y")
                    case 2: try await runner.delete(one, workload: "8-1-y")
                    default: _ = try await runner.startScript("exec sleep 1000", workload: "8-1-y")
                    }
                }
            }
            #expect(try await runner.status(one, workload: "7-12-x")?.isRunning == true)
        }
    }

    @Test("a companion that puts a link in place of its socket gets no connection to the link's target")
    func followsNoLink() async throws {
        try await CompanionBench().withRunner { runner in
            let folder = runner.folder(one).files
            _ = try await runner.startScript(
                "ln -s ../shim/control \(folder)/link; echo ready; exec sleep 1000")
            await #expect(throws: HostingError.self) {
                _ = try await runner.connect(
                    one, socket: "link", timeout: .milliseconds(300), workload: nil)
            }
        }
    }

    @Test("a new runner takes over what runs, with or without its shim: same process, output and exit status")
    func adopts() async throws {
        for killsShim in [false, true] {
            let bench = CompanionBench()
            let first = try bench.runner()
            let started = try await first.startScript("echo before; exec sleep 1000")
            let shim = try #require(await first.running[one]?.shim)
            let deadline = ContinuousClock.now + .seconds(20)
            while try await first.status(one, workload: nil)?.output != "before\n", ContinuousClock.now < deadline {
                await Task.yield()
            }
            if killsShim {
                zos_kill(shim, SIGKILL)
                CompanionStarter.reap(shim)
            }
            try await bench.withRunner { second in
                let found = try await second.adopt()
                #expect(found.map(\.process) == [started.process])
                #expect(found.first?.output == "before\n")
                zos_kill(started.process, SIGTERM)
                var exits = second.exits.makeAsyncIterator()
                let exit = try #require(await exits.next())
                // Without the shim the status is known if the kernel tells it, and never a wrong one.
                #expect(exit.signal == SIGTERM || (killsShim && exit.signal == nil))
                if !killsShim { CompanionStarter.reap(shim) }
            }
        }
    }

    @Test("what ended while no runner was there is told by the next one")
    func tellsLateEnds() async throws {
        let bench = CompanionBench()
        let first = try bench.runner()
        _ = try await first.startScript("exit 9")
        let entry = try #require(await first.running[one])
        #expect(CompanionRunner.waitEnd(entry.handle, .seconds(5)))
        try await bench.withRunner { second in
            try await second.adopt()
            var exits = second.exits.makeAsyncIterator()
            #expect(await exits.next()?.code == 9)
            if let shim = entry.shim { CompanionStarter.reap(shim) }
        }
    }
}
