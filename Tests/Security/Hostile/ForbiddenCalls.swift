import JSON
import Testing
import WorkerSandbox

/// System calls outside every filter, each with the arguments that make it the forbidden one.
struct ForbiddenCall: CustomTestStringConvertible, Sendable {
    let name: String
    let arguments: [UInt64]
    let what: String

    init(_ name: String, _ arguments: UInt64..., what: String = "") {
        (self.name, self.arguments, self.what) = (name, arguments, what)
    }

    var testDescription: String { what.isEmpty ? name : "\(name): \(what)" }

    var words: [UInt64] { arguments + Array(repeating: 0, count: 6 - arguments.count) }

    /// As the node names it.
    var sentence: String {
        "\(name)(\(words.map { "0x" + String($0, radix: 16) }.joined(separator: ", "))), which its sandbox forbids"
    }

    static let processes: [ForbiddenCall] = [
        .init("execve"), .init("execveat"), .init("fork"), .init("vfork"), .init("clone", 17, what: "a process"),
        .init("clone", 0x0120_0011, what: "fork of the C library"),
        .init("clone", 0x1002_0f00, what: "a thread in new namespaces"),
        .init("clone", 0x1_0000_0000_0011, what: "a thread by bits that the kernel drops"),
        .init("unshare", 0x1000_0000), .init("setns"), .init("ptrace", 16, 1), .init("process_vm_readv"),
        .init("process_vm_writev"), .init("process_madvise"), .init("process_mrelease"), .init("pidfd_open", 1),
        .init("pidfd_getfd"), .init("pidfd_send_signal"), .init("kcmp"), .init("kill", 1, 9, what: "itself"),
        .init("kill", UInt64(bitPattern: -1), 9, what: "everybody"), .init("tkill", 2, 9),
        .init("tgkill", 2, 2, 9, what: "another process"),
        .init("tgkill", 0x1_0000_0002, 2, 9, what: "another process by dropped bits"), .init("rt_sigqueueinfo"),
        .init("rt_tgsigqueueinfo", 2, 2, 9), .init("rt_sigaction", 31, what: "SIGSYS"),
        .init("rt_sigaction", 0x1_0000_001f, what: "SIGSYS with bits that the kernel drops"),
        .init("signalfd4"), .init("timer_create"), .init("setitimer"), .init("alarm"), .init("setsid"),
        .init("setpgid"), .init("getppid"), .init("wait4"), .init("waitid"), .init("pause"),
    ]

    static let sockets: [ForbiddenCall] =
        [
            (2, "IPv4"), (3, "AX.25"), (4, "IPX"), (8, "ATM"), (10, "IPv6"), (15, "key"), (16, "netlink"),
            (17, "packet"), (21, "RDS"), (24, "PPPoX"), (26, "LLC"), (29, "CAN"), (30, "TIPC"), (31, "Bluetooth"),
            (35, "Phonet"), (36, "IEEE 802.15.4"), (38, "kernel crypto"), (39, "NFC"), (40, "vsock"), (41, "KCM"),
            (42, "QRTR"), (43, "SMC"), (44, "XDP"), (45, "MCTP"),
        ].map { ForbiddenCall("socket", $0.0, 3, what: $0.1) } + [
            .init("socketpair", 1, 1), .init("connect", 3), .init("bind", 3), .init("listen", 3), .init("accept4", 3),
            .init("accept", 3), .init("setsockopt", 3, 1, 36, what: "SO_MARK"), .init("getsockopt", 3, 1, 17),
            .init("getpeername", 3), .init("sendmmsg", 3), .init("recvmmsg", 3),
        ]

    static let mounts: [ForbiddenCall] = [
        .init("mount"), .init("umount2"), .init("pivot_root"), .init("chroot"), .init("open_tree"),
        .init("move_mount"), .init("fsopen"), .init("fsconfig"), .init("fsmount"), .init("fspick"),
        .init("mount_setattr"), .init("chdir"), .init("fchdir"), .init("quotactl"), .init("quotactl_fd"),
        .init("swapon"), .init("swapoff"), .init("open_by_handle_at"), .init("name_to_handle_at"), .init("mknod"),
        .init("mknodat"), .init("fanotify_init"), .init("fanotify_mark"), .init("inotify_init1"), .init("statfs"),
        .init("open", what: "the form without a folder"), .init("creat"), .init("link"), .init("symlink"),
        .init("truncate"), .init("chmod"), .init("chown"), .init("fchownat"), .init("fchown"), .init("lchown"),
        .init("openat2", what: "without a folder"), .init("linkat", what: "without a folder"),
        .init("symlinkat", what: "without a folder"), .init("fchmod", what: "without a folder"),
        .init("setxattr"), .init("lsetxattr"), .init("removexattr"), .init("utimensat", what: "without a folder"),
        .init("sync"), .init("syncfs"), .init("acct"), .init("umask"),
    ]

    static let kernel: [ForbiddenCall] = [
        .init("bpf"), .init("perf_event_open"), .init("userfaultfd"), .init("io_uring_setup"),
        .init("io_uring_enter"), .init("io_uring_register"), .init("io_setup"), .init("io_submit"), .init("keyctl"),
        .init("add_key"), .init("request_key"), .init("kexec_load"), .init("kexec_file_load"), .init("init_module"),
        .init("finit_module"), .init("delete_module"), .init("reboot"), .init("syslog"), .init("iopl", 3),
        .init("ioperm"), .init("modify_ldt"), .init("arch_prctl", 0x1002), .init("personality", 0x0040_0000),
        .init("sethostname"), .init("setdomainname"), .init("settimeofday"), .init("clock_settime"),
        .init("clock_adjtime"), .init("adjtimex"), .init("vhangup"), .init("landlock_create_ruleset"),
        .init("landlock_add_rule"), .init("landlock_restrict_self"), .init("seccomp", 1, what: "a filter of its own"),
        .init("seccomp", 0, what: "strict"), .init("getcpu"), .init("membarrier"), .init("lookup_dcookie"),
        .init("sendfile"),
    ]

    static let memory: [ForbiddenCall] = [
        .init("mmap", 0, 4096, 5, 0x22, what: "executable"), .init("mprotect", 0, 4096, 4, what: "executable"),
        .init("mmap", 0, 4096, 7, 0x22, what: "writable and executable"),
        .init("mmap", 0, 4096, 5, 0x2, 0, what: "executable from a file"),
        .init("mprotect", 0, 4096, 0x0100_0004, what: "executable and growing down"),
        .init("pkey_mprotect", 0, 4096, 4), .init("remap_file_pages"), .init("memfd_create"), .init("memfd_secret"),
        .init("shmget", 0, 4096, 0o1600), .init("shmat"), .init("shmctl"), .init("shmdt"), .init("mq_open"),
        .init("mq_unlink"), .init("mq_notify"), .init("semget", 0, 1, 0o1600), .init("semop"), .init("semctl"),
        .init("msgget", 0, 0o1600), .init("msgsnd"), .init("msgrcv"), .init("mlock"), .init("mlockall"),
        .init("mbind"), .init("migrate_pages"), .init("move_pages"), .init("mincore"),
    ]

    static let rights: [ForbiddenCall] =
        [
            (1, "PR_SET_PDEATHSIG"), (4, "PR_SET_DUMPABLE"), (8, "PR_SET_KEEPCAPS"), (22, "PR_SET_SECCOMP"),
            (24, "PR_CAPBSET_DROP"), (26, "PR_SET_TSC"), (28, "PR_SET_SECUREBITS"), (29, "PR_SET_TIMERSLACK"),
            (33, "PR_MCE_KILL"), (35, "PR_SET_MM"), (36, "PR_SET_CHILD_SUBREAPER"), (38, "PR_SET_NO_NEW_PRIVS"),
            (41, "PR_SET_THP_DISABLE"), (47, "PR_CAP_AMBIENT"), (53, "PR_SET_SPECULATION_CTRL"),
            (57, "PR_SET_IO_FLUSHER"), (59, "PR_SET_SYSCALL_USER_DISPATCH"), (62, "PR_SCHED_CORE"),
            (0x5961_6d61, "PR_SET_PTRACER"),
        ].map { ForbiddenCall("prctl", $0.0, 2, what: $0.1) } + [
            .init("setuid"), .init("setgid"), .init("setreuid"), .init("setregid"), .init("setresuid"),
            .init("setresgid"), .init("setfsuid"), .init("setfsgid"), .init("setgroups"), .init("capset"),
            .init("prlimit64", 0, 7, 8, what: "setting"), .init("prlimit64", 2, 7, 8, what: "of another process"),
            .init("setrlimit"), .init("sched_setscheduler"), .init("sched_setaffinity"), .init("sched_setparam"),
            .init("sched_setattr"), .init("ioprio_set"),
        ]

    static let devices: [ForbiddenCall] =
        [
            (0x5412, "TIOCSTI"), (0x1_0000_5412, "TIOCSTI with bits that the kernel drops"), (0x541c, "TIOCLINUX"),
            (0x540e, "TIOCSCTTY"), (0x541d, "TIOCCONS"), (0x5452, "FIOASYNC"), (0x8901, "FIOSETOWN"),
            (0x8902, "SIOCSPGRP"), (0x8912, "SIOCGIFCONF"), (0x8914, "SIOCSIFFLAGS"), (0x4004_54ca, "TUNSETIFF"),
            (0x4004_54cb, "TUNSETPERSIST"), (0x4c00, "LOOP_SET_FD"), (0xae01, "KVM_CREATE_VM"),
            (0xc050_2100, "SECCOMP_IOCTL_NOTIF_RECV"), (0xb701, "NS_GET_USERNS"), (0xb702, "NS_GET_PARENT"),
            (0xc0ff_ff0b, "an unknown one"), (0x4008_6602, "FS_IOC_SETFLAGS without a folder"),
        ].map { ForbiddenCall("ioctl", 0, $0.0, what: $0.1) }
        + [
            (8, "F_SETOWN"), (10, "F_SETSIG"), (15, "F_SETOWN_EX"), (1024, "F_SETLEASE"), (1026, "F_NOTIFY"),
            (1031, "F_SETPIPE_SZ"), (1033, "F_ADD_SEALS"), (1036, "F_SET_RW_HINT"),
        ].map { ForbiddenCall("fcntl", 0, $0.0, 1, what: $0.1) }
}
