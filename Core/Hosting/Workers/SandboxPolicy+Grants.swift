import Glibc
import WorkerSandbox

extension SandboxPolicy {
    /// What one entitlement changes in the sandbox. Those that only open services of the node change nothing here.
    struct Grant: Sendable {
        let name: String
        var capabilities: Set<UInt32> = []
        var needsUserNamespace = false
        var isFolder = false
        var calls: [CallRule] = []
    }

    /// The catalogue (docs/spec/plugin-protocol.md sections 4 and 5).
    static let grants: [Grant] = [
        Grant(name: "folder", isFolder: true, calls: fileCalls),
        Grant(
            name: "network-administration", capabilities: [netAdmin], needsUserNamespace: true, calls: socketOptions),
        Grant(name: "network-namespaces"), Grant(name: "segments"), Grant(name: "exits"), Grant(name: "links"),
        Grant(name: "taps"), Grant(name: "reservations"), Grant(name: "roots"), Grant(name: "companions"),
    ]

    private static let netAdmin: UInt32 = 12

    /// Landlock keeps these inside the folder.
    private static let fileCalls: [CallRule] =
        [
            "openat2", "linkat", "symlinkat", "fstatfs", "utimensat", "fchmod", "fchmodat", "copy_file_range",
            "sync_file_range", "fadvise64", "preadv", "pwritev", "fsetxattr", "fgetxattr",
        ].map { CallRule($0) }
        + [
            0x8008_6601,  // FS_IOC_GETFLAGS
            0x4008_6602,  // FS_IOC_SETFLAGS
            0x5000_9418,  // BTRFS_IOC_SUBVOL_CREATE_V2
            0xd000_9412,  // BTRFS_IOC_INO_LOOKUP
            0x0000_9408,  // BTRFS_IOC_SYNC
        ].map { CallRule("ioctl", .number(1, is: $0)) }

    /// Options that libraries set on sockets which they were handed.
    private static let socketOptions: [CallRule] =
        [
            (270, 1),  // SOL_NETLINK: membership of a group
            (270, 10),  // shorter acknowledgements
            (270, 11),  // texts in acknowledgements
            (270, 12),  // strict checks
            (UInt32(SOL_SOCKET), UInt32(SO_RCVTIMEO)), (UInt32(SOL_SOCKET), UInt32(SO_SNDTIMEO)),
            (UInt32(SOL_SOCKET), UInt32(SO_RCVBUF)), (UInt32(SOL_SOCKET), UInt32(SO_SNDBUF)),
        ].map { (level, option) in CallRule("setsockopt", .number(1, is: level), .number(2, is: option)) }
        + ["getsockname", "getsockopt"].map { CallRule($0) }
}
