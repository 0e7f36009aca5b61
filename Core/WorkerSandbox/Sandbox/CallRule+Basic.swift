import Glibc

extension CallRule {
    /// What every plugin may call: what the Swift runtime, Dispatch and the C library need after loading
    /// (docs/spec/plugin-runtime-facts.md section 6.3).
    public static func basic(process: UInt32) -> [CallRule] {
        always.map { CallRule($0) } + byArgument(process: process)
    }

    private static let always: [String] = [
        // runtime, Dispatch, concurrency, malloc
        "read", "write", "close", "newfstatat", "fstat", "lseek", "munmap", "mremap", "madvise", "brk", "futex",
        "set_robust_list", "rseq", "exit", "exit_group", "gettid", "getpid", "sched_yield", "sched_getaffinity",
        "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "clock_gettime", "clock_getres",
        "clock_nanosleep", "nanosleep", "gettimeofday", "getrandom", "epoll_create1", "epoll_ctl", "epoll_wait",
        "epoll_pwait", "timerfd_create", "timerfd_settime", "timerfd_gettime", "eventfd2", "pipe2", "poll", "ppoll",
        "openat", "uname", "sysinfo", "dup", "dup2", "dup3", "getuid", "geteuid", "getgid", "getegid", "getrusage",
        // sockets that arrived connected
        "recvmsg", "sendmsg", "recvfrom", "sendto", "readv", "writev", "shutdown",
        // files, as far as Landlock lets it reach any; the `…at` forms are all that other architectures have
        "getdents64", "getcwd", "readlink", "readlinkat", "rename", "renameat", "renameat2", "unlink", "unlinkat",
        "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "ftruncate", "fallocate", "listxattr", "getxattr", "access",
        "faccessat", "faccessat2", "statx", "stat", "lstat", "pread64", "pwrite64", "flock",
    ]

    private static func byArgument(process: UInt32) -> [CallRule] {
        let threadOnly: UInt64 = 0x7e03_0000  // CLONE_THREAD and every CLONE_NEW*
        let thread: UInt64 = 0x0001_0000
        let execute: UInt64 = 4
        var rules = [
            // Its flags are behind a pointer; the C library falls back to clone.
            CallRule("clone3", outcome: .refuse(UInt16(ENOSYS))),
            CallRule("clone", .argument(0, bits: threadOnly, are: thread)),
            CallRule("mmap", .argument(2, bits: execute, are: 0)),
            CallRule("mprotect", .argument(2, bits: execute, are: 0)),
            CallRule("prctl", .number(0, is: 15)),  // PR_SET_NAME
            CallRule("prctl", .number(0, is: 0x5356_4d41)),  // PR_SET_VMA
            // Dispatch lowers the priority of its threads: let it believe so.
            CallRule("setpriority", outcome: .refuse(0)),
            // abort(); refused, an allocation failure would look like a violation.
            CallRule("tgkill", .number(0, is: process)),
            CallRule("prlimit64", .argument(2, is: 0)),
            // The name service daemon: without its socket the C library reads files.
            CallRule("socket", .number(0, is: UInt32(AF_UNIX)), outcome: .refuse(UInt16(EACCES))),
            CallRule("ioctl", .number(1, is: 0x541b)),  // FIONREAD
            CallRule("ioctl", .number(1, is: 0x5421)),  // FIONBIO
            CallRule("ioctl", .number(1, is: 0x5401), outcome: .refuse(UInt16(ENOTTY))),  // TCGETS, for isatty
        ]
        // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, locks, F_DUPFD_CLOEXEC. Not F_SETOWN, which can send signals.
        for command: UInt32 in [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030] {
            rules.append(CallRule("fcntl", .number(1, is: command)))
        }
        return rules + everySignalButSIGSYS
    }

    /// The filter cannot say "not equal" of 32 bits, but a number below 128 that is not 31 differs in at least one bit.
    private static var everySignalButSIGSYS: [CallRule] {
        (0..<7).map { index in
            let bit = UInt64(1) << index
            return CallRule("rt_sigaction", .argument(0, bits: bit, are: bit & ~UInt64(SIGSYS)))
        }
    }
}
