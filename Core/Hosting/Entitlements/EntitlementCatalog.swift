import Glibc
import WorkerSandbox

/// Every entitlement that a manifest may ask for (docs/entitlements.md is written from this).
public enum EntitlementCatalog {
    public static let all: [EntitlementDefinition] = [
        EntitlementDefinition(
            name: "folder",
            summary: "A folder of the plugin's own, to read and write in; may be asked for more than once.",
            parameters: [
                .init(
                    name: "name", kind: .folderName, isRequired: true,
                    summary: "for example {\"name\": \"pool\"}; \"pool\" lies in the node's pool and counts as SSD")
            ],
            calls: fileCalls, paths: ["the folder and what is below it: everything but executing, devices and sockets"],
            descriptors: ["the folder, open, from the start"]),
        EntitlementDefinition(
            name: "network-administration",
            summary:
                "Configuring the plugin's own network namespaces through the sockets that `netlink.open` hands over.",
            capabilities: [netAdmin], needsUserNamespace: true, calls: socketOptions),
        EntitlementDefinition(
            name: "network-namespaces",
            summary: "Network namespaces of the plugin's own, netlink sockets inside them, their sysctls.",
            services: ["namespace.create", "namespace.delete", "namespace.list", "netlink.open", "sysctl.set"],
            descriptors: ["netlink sockets, one for each `netlink.open`"],
            companions: ["may be started inside these namespaces"]),
        EntitlementDefinition(
            name: "segments", summary: "Bridges made by the node, and cables between them and the plugin's namespaces.",
            services: ["segment.create", "segment.delete", "segment.attach", "segment.detach"]),
        EntitlementDefinition(
            name: "exits", summary: "The ways out that the operator has configured.",
            parameters: [.init(name: "exits", kind: .names, isRequired: true, summary: "which: \"node\", \"public\"")],
            services: ["exit.attach"]),
        EntitlementDefinition(
            name: "links", summary: "Links whose sockets stay in the node's network namespace.",
            parameters: [
                .init(
                    name: "kinds", kind: .names, isRequired: true, summary: "kinds of links, such as \"tun\", \"veth\"")
            ],
            services: ["link.create", "link.tun", "link.move", "link.delete"],
            descriptors: ["a tun device, for each `link.tun`"]),
        EntitlementDefinition(
            name: "taps", summary: "Taps on the segments that workloads refer to.",
            services: ["tap.create", "tap.delete"], companions: ["the tap's descriptor, in a slot of the same workload"]
        ),
        EntitlementDefinition(
            name: "listeners",
            summary:
                "TCP ports inside the plugin's namespaces, and on addresses that workloads export, that lead to companions.",
            parameters: [
                .init(
                    name: "ports", kind: .range(1...65535), isRequired: true,
                    summary: "which: {\"from\": 20000, \"to\": 20255}")
            ],
            services: ["listener.open", "listener.close"],
            companions: ["callers, joined to a socket in the instance's folder"]),
        EntitlementDefinition(
            name: "reservations", summary: "Values that nobody else on the node holds: ports, addresses.",
            parameters: [
                .init(name: "spaces", kind: .names, isRequired: true, summary: "the spaces to reserve in"),
                .init(
                    name: "check", kind: .choices(["udp"]), isRequired: false,
                    summary: "{space: \"udp\"}: a UDP port that something on the node has bound counts as taken"),
            ],
            services: ["reserve", "release", "reserved"]),
        EntitlementDefinition(
            name: "roots", summary: "Content of root file systems, read only, and overlays over it.",
            services: ["root.open", "overlay.create", "overlay.delete"],
            companions: ["an overlay, mounted in a slot"]),
        EntitlementDefinition(
            name: "directories", summary: "Directories of limited size in the node's pool, for companions and exports.",
            services: ["directory.create", "directory.resize", "directory.usage", "directory.delete"],
            companions: ["a directory, mounted in a slot"]),
        EntitlementDefinition(
            name: "sockets", summary: "TCP and UDP sockets opened inside the plugin's own network namespaces.",
            parameters: [
                .init(
                    name: "families", kind: .subset(["inet", "inet6"]), isRequired: true, summary: "which families"),
                .init(name: "types", kind: .subset(["tcp", "udp"]), isRequired: true, summary: "which types"),
                .init(name: "bind", kind: .ports, isRequired: false, summary: "own ports that sockets may be bound to"),
                .init(
                    name: "connect", kind: .ports, isRequired: false,
                    summary: "ports of others that sockets may be connected to"),
            ],
            calls: acceptedSockets, services: ["socket.open"],
            descriptors: ["a socket that is connected, bound or listening, for each `socket.open`"]),
        EntitlementDefinition(
            name: "secrets", summary: "Texts that the node keeps sealed for the plugin and for each of its workloads.",
            services: ["secret.put", "secret.get", "secret.delete", "secret.list"]),
        EntitlementDefinition(
            name: "timers", summary: "Being called back at a time or in a rhythm, also after restarts.",
            services: ["timer.set", "timer.cancel", "timer.list"]),
        EntitlementDefinition(
            name: "lookup",
            summary:
                "Name, type and state of the workloads that one of the plugin's own may name: of its deployment, and shareable ones of its twin.",
            services: ["workload.lookup"]),
    ]

    /// Services that every plugin may call; those of companions need a declaration in the manifest's `companions`.
    public static let freeServices = [
        "progress", "export.holders", "node.facts", "workload.list", "companion.start", "companion.stop",
        "companion.status",
        "companion.connect", "companion.run", "companion.delete",
    ]

    public static func named(_ name: String) -> EntitlementDefinition? {
        all.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

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

    /// What is left to do with a socket that the node has bound or connected. Not `socket`, `bind`, `connect`, `listen`.
    private static let acceptedSockets: [CallRule] =
        ["accept4", "getsockname", "getpeername", "getsockopt"].map { CallRule($0) }

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
