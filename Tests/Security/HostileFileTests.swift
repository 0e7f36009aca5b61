import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// Everything here is within the filter and is denied by Landlock, a missing capability or the kernel: the attacker gets an
/// errno, and nothing outside its own folder has changed.
@Suite("attacks on files", .serialized, .bystander("files"))
struct HostileFileTests {
    /// An operation of files.c. `$` in a path stands for the node's ground, `%` for this process.
    struct Attack: CustomTestStringConvertible, Sendable {
        /// Where relative paths begin: the attacker's own folder or its package, both open in the worker.
        enum Place { case nowhere, own, package }
        let testDescription: String
        let what: String
        let path: String
        let at: Place
        let target: String
        let to: Place
        /// Which errnos are a denial of this attack.
        let errors: Set<Int32>

        init(
            _ name: String, _ what: String, _ path: String, at: Place = .nowhere, target: String = "",
            to: Place = .nowhere, _ errors: Set<Int32> = [EACCES]
        ) {
            (testDescription, self.what, self.path, self.at) = (name, what, path, at)
            (self.target, self.to, self.errors) = (target, to, errors)
        }
    }

    static let node: [Attack] = [
        Attack("the node's key, read", "read", "$/state/identity.key"),
        Attack("the node's key, overwritten", "write", "$/state/identity.key"),
        Attack("the node's key, truncated", "truncate", "$/state/identity.key"),
        Attack("the node's key by openat2", "openat2", "$/state/identity.key"),
        Attack("the node's key by a path descriptor", "path only", "$/state/identity.key"),
        Attack("the node's key removed", "remove", "$/state/identity.key"),
        Attack("the node's key renamed", "rename", "$/state/identity.key", target: "$/state/stolen"),
        Attack(
            "the node's key linked into the own folder", "link", "$/state/identity.key", target: "key", to: .own,
            [EACCES, EXDEV, EPERM]),
        Attack(
            "the node's key moved into the own folder", "rename", "$/state/identity.key", target: "key", to: .own,
            [EACCES, EXDEV]),
        Attack(
            "the node's key exchanged with an own file", "exchange", "$/state/identity.key",
            target: "$/state/trust.json",
            [EACCES, EXDEV]),
        Attack("the database, read", "read", "$/state/node.sqlite"),
        Attack("the database, written", "write", "$/state/node.sqlite"),
        Attack("the ledger, appended to", "append", "$/state/ledger.sqlite"),
        Attack("the trust policy, written", "write", "$/state/trust.json"),
        Attack("the state folder listed", "list", "$/state"),
        Attack("a file made beside the key", "create", "$/state/new"),
        Attack("a nameless file beside the key", "nameless", "$/state"),
        Attack("a folder made beside the key", "make folder", "$/state/new"),
        Attack("the state folder removed", "remove folder", "$/run"),
        Attack("the mode of the key changed", "mode", "$/state/identity.key", [EPERM]),
        Attack("the times of the key changed", "times", "$/run/workers", [EPERM, EACCES]),
    ]

    static let others: [Attack] = [
        Attack("another plugin's disk, read", "read", "$/plugins/victim/pool/disk"),
        Attack("another plugin's disk, written", "write", "$/plugins/victim/pool/disk"),
        Attack("another plugin's folder listed", "list", "$/plugins/victim/pool"),
        Attack("another plugin's disk removed", "remove", "$/plugins/victim/pool/disk"),
        Attack("a file made in another plugin's folder", "create", "$/plugins/victim/pool/new"),
        Attack("`..` from the own folder, read", "read", "../../victim/pool/disk", at: .own),
        Attack("`..` from the own folder, created", "create", "../new", at: .own),
        Attack("`..` by many steps to the root", "list", "../../../../../../../../..", at: .own),
        Attack("the own folder renamed", "rename", "$/plugins/hostile/pool", target: "$/plugins/hostile/moved"),
        Attack(
            "an own link to another's disk, read", "link through", "door", target: "$/plugins/victim/pool/disk",
            to: .own),
        Attack(
            "an own link to another's disk, written", "write through", "door", target: "$/plugins/victim/pool/disk",
            to: .own),
        Attack("an own link to /etc/shadow, read", "link through", "door", target: "/etc/shadow", to: .own),
        Attack("an own link that climbs, written", "write through", "door", target: "../../victim/pool/disk", to: .own),
        Attack("an own link to a new file outside, created", "write through", "door", target: "$/state/new", to: .own),
        Attack(
            "an own link through /proc/self/root", "link through", "door",
            target: "/proc/self/root$/state/identity.key",
            to: .own),
        Attack("the package's object, overwritten", "write", "plugin.so", at: .package),
        Attack("the package's manifest, truncated", "truncate", "plugin.json", at: .package),
        Attack("a file added to the package", "create", "new", at: .package),
        Attack("the package's object removed", "remove", "plugin.so", at: .package),
        Attack("the package's object renamed", "rename", "plugin.so", at: .package, target: "old.so", to: .package),
        Attack(
            "the package's object linked into the own folder", "link", "plugin.so", at: .package, target: "copy",
            to: .own,
            [EACCES, EXDEV]),
        Attack("`..` from the package", "read", "../../state/identity.key", at: .package),
        Attack("the mode of the package's object", "mode", "plugin.so", at: .package, [EPERM]),
    ]

    static let system: [Attack] = [
        Attack("/etc/shadow", "read", "/etc/shadow"), Attack("/etc/passwd, written", "write", "/etc/passwd"),
        Attack("/etc/ld.so.preload, created", "create", "/etc/ld.so.preload"),
        Attack("a library, written", "write", "/lib/x86_64-linux-gnu/libc.so.6"),
        Attack("a library's folder, added to", "create", "/usr/lib/evil.so"),
        Attack("/tmp, added to", "create", "/tmp/zos-hostile-file"), Attack("/tmp, nameless", "nameless", "/tmp"),
        Attack("/root, listed", "list", "/root"), Attack("/, listed", "list", "/"),
        Attack("/home, listed", "list", "/home"),
        Attack("/var/lib, listed", "list", "/var/lib"), Attack("/boot, listed", "list", "/boot", [EACCES, ENOENT]),
        Attack("cron, added to", "create", "/etc/cron.d/evil", [EACCES, ENOENT]),
        Attack("/proc/self/root", "read", "/proc/self/root/etc/shadow"),
        Attack("/proc/self/cwd", "read", "/proc/self/cwd/etc/shadow"),
        Attack("the node's memory", "read", "/proc/%/mem", [ENOENT]),
        Attack("the node's environment", "read", "/proc/%/environ", [ENOENT]),
        Attack("the node's descriptors", "list", "/proc/%/fd", [ENOENT]),
        Attack("the node's root", "list", "/proc/%/root", [ENOENT]),
        Attack("the node's namespaces", "read", "/proc/%/ns/net", [ENOENT]),
        Attack("the node's command line", "read", "/proc/%/cmdline", [ENOENT]),
        Attack("its own memory, writable", "own memory", "/proc/self/mem"),
        Attack("its own core pattern of the system", "write", "/proc/sys/kernel/core_pattern", [ENOENT]),
        Attack("/proc/sysrq-trigger", "write", "/proc/sysrq-trigger", [ENOENT]),
        Attack("/proc/kcore", "read", "/proc/kcore", [ENOENT]),
        Attack("/proc/kallsyms", "read", "/proc/kallsyms", [ENOENT]),
        Attack("/proc/self/oom_score_adj, written", "write", "/proc/self/oom_score_adj"),
        Attack("/proc/self/uid_map, written", "write", "/proc/self/uid_map"),
        Attack("/proc/self/clear_refs, written", "write", "/proc/self/clear_refs"),
        Attack("/proc/self/attr/current, written", "write", "/proc/self/attr/current", [EACCES, ENOENT]),
        Attack("/proc/self/timens_offsets, written", "write", "/proc/self/timens_offsets", [EACCES, ENOENT]),
        Attack("its object, which is closed", "read", "/proc/self/fd/4", [EACCES, EISDIR, ENOENT]),
        Attack("the memory control group", "write", "/sys/fs/cgroup/memory/memory.limit_in_bytes", [EACCES, ENOENT]),
        Attack("the process control group", "write", "/sys/fs/cgroup/cgroup.procs", [EACCES, ENOENT]),
        Attack("kernel settings below /sys", "write", "/sys/kernel/uevent_helper", [EACCES, ENOENT]),
        Attack("/sys, listed", "list", "/sys"),
    ]

    static let devices: [Attack] =
        [
            "mem", "kmsg", "port", "sda", "vda", "tty", "console", "ptmx", "fuse", "kvm", "net/tun", "loop-control",
            "loop0",
            "userfaultfd", "vhost-net", "random", "zero",
        ].map { Attack("/dev/\($0)", "write", "/dev/\($0)", [EACCES, ENOENT]) } + [
            Attack("/dev/shm, added to", "create", "/dev/shm/zos-hostile"), Attack("/dev, listed", "list", "/dev"),
        ]

    static let own: [Attack] = [
        Attack(
            "file capabilities on an own file", "attribute", "file", at: .own, target: "security.capability", [EPERM]),
        Attack("a trusted attribute on an own file", "attribute", "file", at: .own, target: "trusted.zos", [EPERM]),
        Attack("an own file made immutable", "immutable", "file", at: .own, [EPERM, EACCES, ENOTTY]),
        Attack("an own file moved out", "rename", "file", at: .own, target: "$/state/file", [EACCES, EXDEV]),
        Attack(
            "an own file moved into the package", "rename", "file", at: .own, target: "file", to: .package,
            [EACCES, EXDEV]),
    ]

    @Test("the node's own: denied, nothing has changed", arguments: node)
    func onNode(_ attack: Attack) async throws { try await run(attack) }

    @Test("other plugins', the package and ways around: denied, nothing has changed", arguments: others)
    func onOthers(_ attack: Attack) async throws { try await run(attack) }

    @Test("the system's: denied, nothing has changed", arguments: system)
    func onSystem(_ attack: Attack) async throws { try await run(attack) }

    @Test("devices: denied", arguments: devices)
    func onDevices(_ attack: Attack) async throws { try await run(attack) }

    @Test("more power over the own folder: denied", arguments: own)
    func onOwn(_ attack: Attack) async throws { try await run(attack) }

    private func run(_ attack: Attack) async throws {
        let ground = try HostileGround()
        defer { ground.remove() }
        try Data("own".utf8).write(to: URL(fileURLWithPath: ground.own + "/file"))
        chmod(ground.own + "/file", 0o666)
        let before = try ground.picture()
        let etc = Self.traces()
        let reply = try await ground.attack { plugin in
            let folders = try #require(try await plugin.ask("configuration")["folders"])
            func descriptor(_ place: Attack.Place) -> JSONValue {
                switch place {
                case .nowhere: 0
                case .own: folders["pool"]?["descriptor"] ?? 0
                case .package: folders["package"]?["descriptor"] ?? 0
                }
            }
            func filled(_ path: String) -> JSONValue {
                .string(path.replacing("$", with: ground.root).replacing("%", with: "\(getpid())"))
            }
            let reply = try await plugin.ask(
                "file",
                [
                    "what": .string(attack.what), "path": filled(attack.path), "at": descriptor(attack.at),
                    "target": filled(attack.target), "to": descriptor(attack.to),
                ])
            // It was told no, and serves on.
            #expect(plugin.worker.status.name == "ready")
            return reply
        }
        let error = Int32(truncatingIfNeeded: reply["errno"]?.intValue ?? 0)
        #expect(reply["result"] == -1 && attack.errors.contains(error), "\(reply.text)")
        #expect(try ground.picture() == before)
        #expect(Self.traces() == etc)
    }

    /// What attacks on the system would show up in.
    private static func traces() -> [String] {
        ["/etc/passwd", "/etc/ld.so.preload", "/tmp/zos-hostile-file", "/usr/lib/evil.so", "/dev/shm/zos-hostile"]
            .map {
                var facts = stat()
                guard lstat($0, &facts) == 0 else { return "\($0) absent" }
                return "\($0) \(facts.st_size) \(facts.st_mode) \(facts.st_mtim.tv_sec) \(facts.st_mtim.tv_nsec)"
            }
    }

    @Test("the primitives work where they are allowed, so that the denials above mean something")
    func control() async throws {
        let ground = try HostileGround()
        defer { ground.remove() }
        try await ground.attack { plugin in
            let own = try #require(try await plugin.ask("configuration")["folders"]?["pool"]?["descriptor"])
            for what in ["create", "write", "read", "append", "truncate", "path only", "openat2", "own mode"] {
                let reply = try await plugin.ask("file", ["what": .string(what), "path": "mine", "at": own])
                #expect(reply["result"] == 0, "\(what): \(reply.text)")
            }
            let folder = try await plugin.ask("file", ["what": "make folder", "path": "sub", "at": own])
            #expect(folder["result"] == 0)
            let link = try await plugin.ask(
                "file", ["what": "link", "path": "mine", "at": own, "target": "sub/two", "to": own])
            #expect(link["result"] == 0, "\(link.text)")
        }
        // Its set-user-id file is its own user's, never root's.
        var facts = stat()
        #expect(stat(ground.own + "/mine", &facts) == 0 && facts.st_uid != 0)
    }

    @Test("code from an own file is not mapped: named, and the worker ends")
    func codeFromFile() async throws {
        let ground = try HostileGround()
        defer { ground.remove() }
        try await ground.attack { plugin in
            let own = try #require(try await plugin.ask("configuration")["folders"]?["pool"]?["descriptor"])
            let incident = try await plugin.incident("file", ["what": "map code", "path": "code", "at": own])
            #expect(incident.failure.kind == .sandboxViolation && incident.failure.message.contains("called mmap("))
        }
    }

    @Test("a secret in a folder of mode 0700 does not even show its size")
    func metadata() async throws {
        let ground = try HostileGround()
        defer { ground.remove() }
        chmod(ground.root + "/state", 0o700)
        try await ground.attack { plugin in
            let path = JSONValue.string(ground.root + "/state/identity.key")
            let reply = try await plugin.ask("file", ["what": "stat", "path": path])
            #expect(reply == ["result": -1, "errno": .number(JSONNumber(EACCES))])
        }
    }
}
