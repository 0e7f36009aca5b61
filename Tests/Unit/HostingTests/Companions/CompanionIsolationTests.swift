import CHost
import Glibc
import JSON
import Testing

@testable import Hosting

/// What a companion whose program has been taken over can do: attacks from inside, by user.
@Suite("Companion isolation", .serialized)
struct CompanionIsolationTests {
    private func bench(root: CompanionConfiguration.RootPolicy = .allowed) -> CompanionBench {
        var bench = CompanionBench(rootPolicy: root)
        bench.configuration.hidden = [bench.root]
        return bench
    }

    /// Runs a program of Python inside, and gives its output.
    private func run(
        _ program: String, _ extra: JSONObject, on runner: CompanionRunner, timeout: Duration = .seconds(30)
    ) async throws -> CompanionExit {
        var extra = extra
        extra["program"] = "/usr/bin/python3"
        return try await runner.runToEnd(try runner.launch(program, extra: extra), timeout: timeout)
    }

    private static let users: [JSONObject] = [[:], ["user": "root"]]

    #if arch(x86_64)
        /// Number, then the errno that is expected.
        private static let calls: [(String, Int, Int32)] = [
            ("mount", 165, EPERM), ("umount2", 166, EPERM), ("pivot_root", 155, EPERM), ("open_tree", 428, EPERM),
            ("move_mount", 429, EPERM), ("fsopen", 430, EPERM), ("fsconfig", 431, EPERM), ("fsmount", 432, EPERM),
            ("fspick", 433, EPERM), ("mount_setattr", 442, EPERM), ("setns", 308, EPERM), ("unshare", 272, EPERM),
            ("quotactl", 179, EPERM), ("fanotify_init", 300, EPERM), ("swapon", 167, EPERM), ("swapoff", 168, EPERM),
            ("sethostname", 170, EPERM), ("chroot", 161, EPERM), ("reboot", 169, EPERM), ("kexec_load", 246, EPERM),
            ("kexec_file_load", 320, EPERM), ("init_module", 175, EPERM), ("finit_module", 313, EPERM),
            ("delete_module", 176, EPERM), ("bpf", 321, EPERM), ("perf_event_open", 298, EPERM), ("ptrace", 101, EPERM),
            ("process_vm_readv", 310, EPERM), ("process_vm_writev", 311, EPERM), ("kcmp", 312, EPERM),
            ("pidfd_getfd", 438, EPERM), ("acct", 163, EPERM), ("settimeofday", 164, EPERM),
            ("clock_settime", 227, EPERM),
            ("adjtimex", 159, EPERM), ("syslog", 103, EPERM), ("open_by_handle_at", 304, EPERM),
            ("userfaultfd", 323, EPERM),
            ("keyctl", 250, EPERM), ("add_key", 248, EPERM), ("request_key", 249, EPERM), ("personality", 135, EPERM),
            ("iopl", 172, EPERM), ("ioperm", 173, EPERM), ("modify_ldt", 154, EPERM), ("clone3", 435, ENOSYS),
            ("io_uring_setup", 425, ENOSYS), ("io_uring_enter", 426, ENOSYS),
            ("getpid of x32", 39 | 0x4000_0000, ENOSYS),
        ]

        @Test("system calls against the kernel are refused to every companion, also to root", arguments: users)
        func refusesCalls(_ user: JSONObject) async throws {
            try await bench().withRunner { runner in
                let numbers = Self.calls.map { "\($0.1)" }.joined(separator: ",")
                let exit = try await run(
                    """
                    import ctypes, os
                    libc = ctypes.CDLL(None, use_errno=True)
                    def call(*arguments):
                        ctypes.set_errno(0)
                        return ctypes.get_errno() if libc.syscall(*[ctypes.c_long(a) for a in arguments]) < 0 else 0
                    for number in [\(numbers)]: print(call(number, 0, 0, 0, 0, 0))
                    print(call(56, 0x10000000 | 17, 0, 0, 0, 0), call(56, 0x40000000 | 17, 0, 0, 0, 0))
                    print(call(16, 0, 0x5412, 0), call(16, 0, 0x5412 | 1 << 32, 0))
                    print([l for l in open("/proc/self/status") if l.startswith("Seccomp:")][0].split()[1])
                    """, user, on: runner)
                let lines = exit.output.split(separator: "\n")
                try #require(lines.count == Self.calls.count + 3, "\(exit.output)")
                for (call, line) in zip(Self.calls, lines) { #expect(line == "\(call.2)", "\(call.0)") }
                #expect(lines.suffix(3) == ["1 1", "1 1", "2"], "namespaces by clone, terminal input, the filter")
            }
        }
    #endif

    @Test("a capability opens the calls that it is for, and no others")
    func capabilitiesOpenCalls() async throws {
        try await bench().withRunner { runner in
            let exit = try await run(
                """
                import ctypes, os
                libc = ctypes.CDLL(None, use_errno=True)
                print(libc.unshare(0x00020000), libc.keyctl if False else 0)
                print(libc.ptrace(0, 0, 0, 0), ctypes.get_errno())
                """, ["user": "root", "capabilities": ["SYS_ADMIN"]], on: runner)
            #expect(exit.output == "0 0\n-1 1\n", "\(exit.output)")
        }
    }

    @Test(
        "a companion that executes nothing further cannot, not in a child either; its own start works", arguments: users
    )
    func executesNothing(_ user: JSONObject) async throws {
        try await bench().withRunner { runner in
            var extra = user
            extra["seccomp"] = "no-exec"
            let exit = try await run(
                """
                import errno, os, threading
                def attempt():
                    try: os.execv("/bin/true", ["true"])
                    except OSError as error: print(errno.errorcode[error.errno], flush=True)
                attempt()
                child = os.fork()
                if child == 0:
                    attempt()
                    os._exit(0)
                os.waitpid(child, 0)
                thread = threading.Thread(target=attempt)
                thread.start()
                thread.join()
                file = os.open("/bin/true", os.O_RDONLY)
                try: os.execve(file, ["true"], {})
                except OSError as error: print(errno.errorcode[error.errno])
                """, extra, on: runner)
            #expect(exit.output == "ENOSYS\nENOSYS\nENOSYS\nENOSYS\n", "\(exit.output)")
            let error = await #expect(throws: HostingError.self) {
                _ = try await runner.startScript("", extra: ["program": "/nonexistent/x", "seccomp": "no-exec"])
            }
            #expect(error?.message.contains("run program: No such file") == true, "\(error?.message ?? "")")
        }
    }

    @Test(
        "it sees neither the node's files nor those of other companions, and changes nothing of the host",
        arguments: users)
    func seesNoFiles(_ user: JSONObject) async throws {
        let bench = bench()
        try await bench.withRunner { runner in
            try SmallFile.makeFolder(bench.root, mode: 0o755)
            try SmallFile.replace(bench.root + "/secret", with: Array("secret".utf8), .process)
            chmod(bench.root + "/secret", 0o666)
            _ = try await runner.startScript("exec sleep 1000", instance: "other", workload: "8-1-y")
            let other = runner.folder(try CompanionIdentity(plugin: "tester", instance: "other"))
            let own = runner.folder(try CompanionIdentity(plugin: "tester", instance: "one"))
            let exit = try await run(
                """
                import os
                def can(what, action):
                    try:
                        action()
                        print(what)
                    except OSError: pass
                for path in ["\(bench.root)/secret", "\(other.files)", "\(own.path)/shim/record", "\(own.path)/shim/control"]:
                    can("stat " + path, lambda: os.stat(path))
                disks = ["/dev/" + name for name in os.listdir("/sys/block")] + ["/dev/loop-control", "/dev/net/tun", "/dev/fuse"]
                for path in ["/etc", "/usr", "/usr/bin", "/var", "/var/lib", "/", "/opt", "/mnt"]:
                    can("make in " + path, lambda: os.mkdir(path + "/zos-attack"))
                for path in ["/etc/passwd", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/power/state",
                             "/proc/sys/kernel/modprobe", "/proc/\(getpid())/mem", "/dev/mem", "/dev/kmsg"] + disks:
                    can("write " + path, lambda: os.close(os.open(path, os.O_WRONLY)))
                for folder in ["/root", "/home", "/run", "/boot"]:
                    if os.listdir(folder) not in ([], ["zos"]): print(folder, os.listdir(folder))
                can("a device", lambda: os.mknod("/tmp/device", 0o20600, os.makedev(1, 1)))
                open("\(own.files)/mine", "w").write("mine")
                open("/tmp/mine", "w").write("mine")
                print(open("\(own.files)/mine").read(), sorted(os.listdir("/tmp"))[0])
                """, user, on: runner)
            #expect(exit.output == "mine mine\n", "\(exit.output)")
            #expect(access("/tmp/mine", F_OK) != 0, "its /tmp is its own")
        }
    }

    @Test("it inherits no descriptor of the node, sees no process of the node's and can signal none", arguments: users)
    func reachesNoProcess(_ user: JSONObject) async throws {
        try await bench().withRunner { runner in
            let other = try await runner.startScript(
                "exec sleep 1000", instance: "other", extra: user, slots: [:])
            let exit = try await run(
                """
                import os
                print(sorted(int(name) for name in os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/fd")))
                processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
                print([p for p in processes if p in (\(getpid()), \(other.process))])
                for process in [\(getpid()), \(getppid()), \(other.process)]:
                    for signal in [0, 9, 15, 19]:
                        try:
                            os.kill(process, signal)
                            print("signalled", process, signal)
                        except OSError: pass
                try: os.kill(-1, 9)
                except OSError: pass
                """, user, on: runner)
            #expect(exit.output == "[0, 1, 2] 4\n[]\n", "\(exit.output)")
            let still = try await runner.status(
                try CompanionIdentity(plugin: "tester", instance: "other"), workload: nil)
            #expect(still?.isRunning == true)
        }
    }

    @Test("descriptors, file size, processes, memory and time are bounded")
    func limits() async throws {
        try await bench().withRunner { runner in
            let descriptors = try await run(
                """
                import os
                count = 0
                try:
                    while True:
                        os.open("/dev/null", os.O_RDONLY)
                        count += 1
                except OSError as error: print(count + 3, error.errno)
                """, ["limits": ["descriptors": 32]], on: runner)
            #expect(descriptors.output == "32 24\n")
            let file = try await run(
                """
                import os, signal
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                try:
                    with open("/tmp/big", "wb", buffering=0) as f:
                        while True: f.write(b"x" * 65536)
                except OSError as error: print(os.stat("/tmp/big").st_size, error.errno)
                """, ["limits": ["file": 1_048_576]], on: runner)
            #expect(file.output == "1048576 27\n", "\(file.output)")
            let processes = try await run(
                """
                import os, time
                count = 1
                try:
                    while True:
                        if os.fork() == 0: time.sleep(60)
                        count += 1
                except OSError as error: print(count, error.errno, flush=True)
                os._exit(0)
                """, ["limits": ["processes": 9]], on: runner)
            #expect(processes.output == "9 11\n", "\(processes.output)")
            let memory = try await run("x = bytearray(200 << 20)", ["limits": ["memory": 67_108_864]], on: runner)
            #expect(memory.signal == SIGKILL)
            // What it keeps in its own /tmp is its own memory.
            let kept = try await run(
                "open('/tmp/x', 'wb').write(bytes(60 << 20))", ["limits": ["memory": 33_554_432]], on: runner)
            #expect(kept.signal == SIGKILL || kept.code != 0)
        }
    }
}
