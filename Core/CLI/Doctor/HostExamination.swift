import Foundation
import Hosting

/// Looks at what this host offers to a node: kernel, devices, control groups, and the programs that plugins declare.
struct HostExamination: Sendable {
    /// Folders with plugin folders whose companions are looked for.
    let pluginFolders: [String]

    func run() -> [Finding] {
        [user, kernel, controlGroups, userNamespaces, seccomp, landlock, tunnels, virtualization, mounts]
            + programs + unit
    }

    private var user: Finding {
        geteuid() == 0
            ? Finding("user", .good, "root")
            : Finding(
                "user", .missing, "not root: namespaces, mounts and control groups are out of reach", hint: "use sudo")
    }

    private var kernel: Finding {
        let release = text("/proc/sys/kernel/osrelease") ?? "unknown"
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return Finding("kernel", .warning, "release \(release)") }
        // Landlock's third version, which limits truncation, came with 6.2.
        return numbers[0] > 6 || numbers[0] == 6 && numbers[1] >= 2
            ? Finding("kernel", .good, release)
            : Finding(
                "kernel", .missing, "\(release) is too old for the plugins' sandbox", hint: "use Linux 6.2 or newer")
    }

    private var controlGroups: Finding {
        let mechanism = LimitMechanism.best(for: "zos-doctor-\(getpid())")
        let text =
            mechanism.reason.isEmpty ? mechanism.kind.rawValue : "\(mechanism.kind.rawValue) (\(mechanism.reason))"
        return mechanism.kind == .resourceLimits
            ? Finding(
                "limits of plugins", .missing, text + "; companions need control groups",
                hint: "mount cgroup2 at /sys/fs/cgroup, or the memory and pids controllers of version 1 below it")
            : Finding("limits of plugins", .good, text)
    }

    private var userNamespaces: Finding {
        let most = text("/proc/sys/user/max_user_namespaces").flatMap { Int($0) } ?? 0
        return most > 0
            ? Finding("user namespaces", .good, "at most \(most)")
            : Finding(
                "user namespaces", .missing, "switched off",
                hint: "sysctl -w user.max_user_namespaces=15000")
    }

    private var seccomp: Finding {
        let actions = text("/proc/sys/kernel/seccomp/actions_avail") ?? ""
        return actions.split(separator: " ").contains("user_notif")
            ? Finding("system call filter", .good, "with user notification")
            : Finding(
                "system call filter", .missing, "the kernel has no user notification",
                hint: "use a kernel with CONFIG_SECCOMP_FILTER")
    }

    private var landlock: Finding {
        let modules = text("/sys/kernel/security/lsm")
        if modules == nil { return Finding("Landlock", .warning, "unknown: securityfs is not mounted") }
        return modules?.split(separator: ",").contains("landlock") == true
            ? Finding("Landlock", .good, "enabled")
            : Finding("Landlock", .missing, "not enabled", hint: "boot with lsm=landlock,… or a kernel that has it")
    }

    private var tunnels: Finding {
        exists("/dev/net/tun")
            ? Finding("network devices", .good, "/dev/net/tun")
            : Finding("network devices", .missing, "/dev/net/tun is missing", hint: "modprobe tun")
    }

    private var virtualization: Finding {
        guard access("/dev/kvm", R_OK | W_OK) == 0 else {
            return Finding(
                "hardware virtualization", .warning, "/dev/kvm is not there: machines are emulated, slowly",
                hint: "switch virtualization on in the firmware, modprobe kvm")
        }
        return Finding("hardware virtualization", .good, "/dev/kvm is there; a probe decides whether it works")
    }

    private var mounts: Finding {
        let known = text("/proc/filesystems") ?? ""
        return known.contains("overlay")
            ? Finding("overlay mounts", .good, "available")
            : Finding("overlay mounts", .missing, "the kernel has none", hint: "modprobe overlay")
    }

    /// The programs that plugins start as companions, from their manifests.
    private var programs: [Finding] {
        var users: [String: [String]] = [:]
        for folder in pluginFolders {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)/plugin.json"),
                    let manifest = try? Manifest(parsing: Array(bytes))  // The node reports what is wrong with it.
                else { continue }
                for companion in manifest.companions {
                    users[companion.program, default: []].append(manifest.id)
                }
            }
        }
        return users.sorted { $0.key < $1.key }.map { program, plugins in
            let who = Set(plugins).sorted().joined(separator: ", ")
            return access(program, X_OK) == 0
                ? Finding(program, .good, "for \(who)")
                : Finding(program, .missing, "needed by \(who)", hint: "install the Debian package that has it")
        }
    }

    /// Only if somebody installed one: nothing needs systemd.
    private var unit: [Finding] {
        let places = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"]
        // The first one is in force.
        guard let path = places.map({ $0 + "/zosd.service" }).first(where: exists),
            let text = FileManager.default.contents(atPath: path)
        else { return [] }
        let faults = SystemdUnit(parsing: String(decoding: text, as: UTF8.self)).faults
        return [
            faults.isEmpty
                ? Finding(path, .good, "leaves workloads alone")
                : Finding(path, .missing, faults.joined(separator: "; "), hint: "take the unit that comes with zos")
        ]
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
