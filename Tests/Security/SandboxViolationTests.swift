import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures
import WorkerSandbox

/// Each forbidden thing is tried by a plugin; the node names it and ends the worker before it happens.
@Suite("forbidden system calls", .serialized)
struct SandboxViolationTests {
    /// A call with the arguments that make it the forbidden one.
    struct Attempt: CustomTestStringConvertible, Sendable {
        let name: String
        let arguments: [UInt64]
        let what: String
        init(_ name: String, _ arguments: UInt64..., what: String = "") {
            (self.name, self.arguments, self.what) = (name, arguments, what)
        }
        var testDescription: String { what.isEmpty ? name : "\(name): \(what)" }
    }

    static let attempts: [Attempt] = [
        Attempt("execve"), Attempt("execveat"), Attempt("fork"), Attempt("vfork"),
        Attempt("clone", 17, what: "a process"), Attempt("clone", 0x0120_0011, what: "fork of the C library"),
        Attempt("clone", 0x1002_0f00, what: "a thread in new namespaces"),
        Attempt("socket", 2, 1, what: "IPv4"), Attempt("socket", 10, 2, what: "IPv6"),
        Attempt("socket", 16, 3, what: "netlink"), Attempt("socket", 17, 3, what: "packet"),
        Attempt("socket", 40, 1, what: "vsock"), Attempt("socket", 38, 5, what: "kernel crypto"),
        Attempt("connect"), Attempt("bind"), Attempt("listen"), Attempt("accept4"), Attempt("socketpair", 1, 1),
        Attempt("unshare", 0x1000_0000), Attempt("setns"), Attempt("mount"), Attempt("umount2"), Attempt("pivot_root"),
        Attempt("chroot"), Attempt("open_tree"), Attempt("move_mount"), Attempt("fsopen"), Attempt("mount_setattr"),
        Attempt("ptrace", 16, 1), Attempt("process_vm_readv"), Attempt("process_vm_writev"), Attempt("pidfd_getfd"),
        Attempt("pidfd_open", 1), Attempt("kcmp"), Attempt("kill", 1, 9, what: "itself"),
        Attempt("kill", UInt64(bitPattern: -1), 9, what: "everybody"), Attempt("tkill", 2, 9),
        Attempt("tgkill", 2, 2, 9, what: "another process"), Attempt("rt_sigqueueinfo"),
        Attempt("mmap", 0, 4096, 5, 0x22, what: "executable"), Attempt("mprotect", 0, 4096, 4, what: "executable"),
        Attempt("mmap", 0, 4096, 7, 0x22, what: "writable and executable"),
        Attempt("pkey_mprotect", 0, 4096, 4), Attempt("shmat"), Attempt("memfd_create"), Attempt("memfd_secret"),
        Attempt("remap_file_pages"), Attempt("personality", 0x0040_0000), Attempt("modify_ldt"),
        Attempt("rt_sigaction", 31, what: "SIGSYS"),
        Attempt("rt_sigaction", 0x1_0000_001f, what: "SIGSYS with bits that the kernel drops"),
        Attempt("seccomp", 1), Attempt("prctl", 22, 2, what: "PR_SET_SECCOMP"),
        Attempt("prctl", 4, 1, what: "PR_SET_DUMPABLE"), Attempt("prctl", 1, 0, what: "PR_SET_PDEATHSIG"),
        Attempt("prctl", 47, 2, what: "ambient capabilities"), Attempt("setuid"), Attempt("setgid"),
        Attempt("setgroups"), Attempt("setresuid"), Attempt("capset"), Attempt("prlimit64", 0, 7, 8, what: "setting"),
        Attempt("setrlimit"), Attempt("bpf"), Attempt("perf_event_open"), Attempt("userfaultfd"),
        Attempt("io_uring_setup"), Attempt("io_uring_enter"), Attempt("keyctl"), Attempt("add_key"),
        Attempt("request_key"), Attempt("init_module"), Attempt("finit_module"), Attempt("kexec_load"),
        Attempt("reboot"), Attempt("sethostname"), Attempt("settimeofday"), Attempt("clock_settime"),
        Attempt("open_by_handle_at"), Attempt("name_to_handle_at"), Attempt("quotactl"), Attempt("swapon"),
        Attempt("syslog"), Attempt("acct"), Attempt("ioperm"), Attempt("iopl"), Attempt("mknod"), Attempt("mknodat"),
        Attempt("fanotify_init"), Attempt("inotify_init1"), Attempt("ioctl", 0, 0x5412, what: "TIOCSTI"),
        Attempt("fcntl", 0, 8, 1, what: "F_SETOWN"), Attempt("sched_setscheduler"), Attempt("sched_setaffinity"),
        Attempt("ioprio_set"), Attempt("mlockall"), Attempt("vhangup"), Attempt("landlock_restrict_self"),
        Attempt("getppid"),
    ]

    @Test("is named with its arguments and ends the worker", arguments: attempts)
    func violation(_ attempt: Attempt) async throws {
        let number = try #require(SystemCall.number(of: attempt.name), "this machine has no \(attempt.name)")
        let words = [UInt64(number)] + attempt.arguments + Array(repeating: 0, count: 6 - attempt.arguments.count)
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let error = await #expect(throws: HostingError.self) {
                try await worker.ask("system call", ["n": .array(words.map { .number(JSONNumber($0)) })])
            }
            #expect(error?.code == .sandboxViolation, "\(String(describing: error))")
            let hex = words.dropFirst().map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
            let sentence = "plugin \(worker.plan.plugin) called \(attempt.name)(\(hex)), which its sandbox forbids"
            #expect(error?.message == sentence)
        }
    }

    @Test("loading a library after the start is caught at its executable mapping")
    func lateLoading() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let error = await #expect(throws: HostingError.self) { try await worker.ask("late dlopen") }
            #expect(error?.code == .sandboxViolation && error?.message.contains("called mmap(") == true)
        }
    }

    @Test("a constructor of the object is inside the sandbox already")
    func constructor() async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(["FORBIDDEN_IN_CONSTRUCTOR"]), launcher: WorkerBench.launcher, services: NoServices(),
            log: WorkerBench.log)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(error?.code == .sandboxViolation && error?.message.contains("called execve(") == true)
        await worker.stop()
    }

    @Test("the violating worker is gone within 50 ms of the request, at the median of 20")
    func speed() async throws {
        var times: [Duration] = []
        for _ in 0..<20 {
            times.append(
                try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
                    let number = try #require(SystemCall.number(of: "execve"))
                    let began = ContinuousClock.now
                    await #expect(throws: HostingError.self) {
                        try await worker.ask("system call", ["n": [.number(JSONNumber(number))]])
                    }
                    return ContinuousClock.now - began
                })
        }
        times.sort()
        print("violation to end of the worker: p50 \(times[10]), slowest \(times[19])")
        #expect(times[10] < .milliseconds(50))
    }

    @Test(
        "probes that libraries make are refused softly",
        arguments: [
            ("socket", [1, 1], 13), ("clone3", [], 38), ("setpriority", [0, 0, 5], 0), ("ioctl", [0, 0x5401], 25),
        ])
    func soft(_ name: String, _ arguments: [Int], _ error: Int) async throws {
        let number = try #require(SystemCall.number(of: name))
        let words = ([Int(number)] + arguments).map { JSONValue.number(JSONNumber($0)) }
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let (reply, _) = try await worker.ask("system call", ["n": .array(words)])
            #expect(reply["errno"]?.intValue == error)
        }
    }
}
