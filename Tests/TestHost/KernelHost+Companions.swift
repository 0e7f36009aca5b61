import CHost
import Glibc
import JSON
import PluginSDK

/// Only wireguard-go is known here: in the node's namespace, with a folder of its own as /var/run/wireguard.
extension KernelHost {
    func serveCompanion(_ service: String, _ request: JSONValue, _ descriptors: [Descriptor]) async throws -> HostReply
    {
        let instance = request["instance"]?.stringValue ?? ""
        let companion = state.withLock { $0.companions[instance] }
        let isRunning = companion.map { $0.process > 0 && waitpid($0.process, nil, WNOHANG) == 0 } ?? false
        switch service {
        case "companion.start":
            if isRunning { return HostReply(["started": false, "pid": 1]) }
            guard let tun = descriptors.first, let link = request["slots"]?["link"]?.stringValue else {
                throw PluginError.invalid("no tun or no link")
            }
            let started = try start(link, tun.number)
            if let companion { Self.end(companion) }
            state.withLock { $0.companions[instance] = started }
            return HostReply(["started": true, "pid": .number(JSONNumber(started.process))])
        case "companion.status":
            return HostReply(["running": .bool(isRunning), "uptime": 1, "output": ""])
        case "companion.connect":
            guard isRunning, let companion else { throw PluginError.unavailable("\(instance) does not run") }
            return HostReply(descriptors: [
                try await connect(companion.folder, request["socket"]?.stringValue ?? "")
            ])
        case "companion.stop", "companion.delete":
            state.withLock { $0.companions[instance] = nil }
            if let companion { Self.end(companion) }
            return HostReply()
        default: throw PluginError.unsupported(service)
        }
    }

    /// Ends the process behind an instance as a crash would, and waits for its end.
    public func crash(_ instance: String) {
        guard let companion = state.withLock({ $0.companions[instance] }) else { return }
        kill(companion.process, SIGKILL)
        waitpid(companion.process, nil, 0)
        state.withLock { $0.companions[instance] = Companion(process: 0, folder: companion.folder) }
    }

    private func connect(_ folder: String, _ name: String) async throws -> Descriptor {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let socket = zos_socket_connect(directory, name, Int32(SOCK_STREAM.rawValue), -1)
            if socket >= 0 { return Descriptor(taking: socket) }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw PluginError.unavailable("no socket \(name) in \(folder)")
    }

    private func start(_ link: String, _ tun: Int32) throws -> Companion {
        var template = Array("/tmp/zos-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PluginError.failed("no folder for \(link)") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let script = """
            mount -t tmpfs none /run && mkdir /run/wireguard && mount --bind "$1" /run/wireguard &&
            WG_TUN_FD=3 LOG_LEVEL=error exec wireguard-go -f "$2"
            """
        let arguments = [
            "nsenter", "--net=/proc/\(getpid())/fd/\(node)", "unshare", "-m", "sh", "-c", script, "sh", folder, link,
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, tun, 3)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, "nsenter", &actions, nil, &argv, environ)
        guard failure == 0 else { throw PluginError.failed("wireguard-go does not start: \(failure)") }
        return Companion(process: process, folder: folder)
    }

    static func end(_ companion: Companion) {
        if companion.process > 0 {
            kill(companion.process, SIGTERM)
            waitpid(companion.process, nil, 0)
        }
        guard let folder = opendir(companion.folder) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlinkat(dirfd(folder), name, 0)
        }
        closedir(folder)
        rmdir(companion.folder)
    }
}
