import CHost
import Glibc
import Hosting
import JSON
import Netlink
import PluginSDK
import Testing

/// The node's brokers and companions with a built-in plugin's own manifest, in folders of their own. Needs root.
///
/// Bridges are made in the namespace that the tests run in, under names that no other run has.
final class Node {
    let brokers: Brokers
    let registry = SubjectRegistry()
    let runner: CompanionRunner
    let manifest: Manifest
    let folder: String
    private let userNamespace: OwnedDescriptor

    init(plugin: String, exits: [String: BrokerConfiguration.Exit] = [:]) throws {
        manifest = try Manifest(parsing: try Self.bytes("\(Self.repository)/Plugins/\(plugin)/plugin.json"))
        folder = "/tmp/zos-brokered-\(getpid())-\(plugin)"
        for path in [folder, "\(folder)/run", "\(folder)/state", "\(folder)/netns"] { mkdir(path, 0o755) }
        var configuration = BrokerConfiguration(
            node: 1, state: "\(folder)/state", run: "\(folder)/run", namespaces: "\(folder)/netns")
        configuration.exits = exits
        let users = 910_000 + UInt32(getpid() % 1000) * 64
        runner = try CompanionRunner(
            CompanionConfiguration(
                shim: Self.shim, folder: "\(folder)/companions", cgroup: "zos-brokered-\(getpid())-\(plugin)",
                rootPolicy: .refused)
        ) { users }
        brokers = try Brokers(configuration, registry: registry, companions: runner)
        userNamespace = OwnedDescriptor(taking: zos_userns_new(3_000_000, 65_536))
        var entitlements: [String: JSONValue] = [:]
        for entitlement in manifest.entitlements { entitlements[entitlement.name] = entitlement.parameters }
        brokers.register(
            PluginRights(
                plugin: manifest.id, entitlements: entitlements, companions: manifest.companions,
                userNamespace: userNamespace))
    }

    /// Runs `body` while companions are watched, then takes everything away.
    func run(_ body: (Context) async throws -> Void) async throws {
        let runner = runner
        let result: Swift.Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await runner.run() }
            defer { group.cancelAll() }
            do {
                try await body(Context(host: BrokeredHost(brokers: brokers, plugin: manifest.id)))
                return .success(())
            } catch { return .failure(error) }
        }
        await brokers.sweep(known: [])
        // What belongs to the plugin itself, such as the public segment, goes with its namespace.
        let context = Context(host: BrokeredHost(brokers: brokers, plugin: manifest.id))
        for name in try await context.namespaces.list() { try await context.namespaces.delete(name) }
        remove(folder)
        for root in ["cpu", "cpuacct", "memory", "pids", "freezer", "systemd", "devices", "blkio", "cpuset"] {
            rmdir("/sys/fs/cgroup/\(root)/\(folder.split(separator: "/").last ?? "")")
        }
        try result.get()
    }

    /// Tells the brokers about a workload, as the core does before the plugin hears of it.
    func announce(_ id: String, type: String) {
        registry.record(
            Subject(id: id, twin: 7, contract: 12, name: id, type: type, version: 0, data: [:]), of: manifest.id)
    }

    /// Links of the namespace that the tests run in.
    func links() throws -> [String] {
        let socket = try Netlink.NetlinkProtocol.route.open()
        defer { close(socket) }
        return try RouteNetlink(descriptor: socket).links().map(\.name)
    }

    private func remove(_ folder: String) {
        let process = Spawned(["rm", "-rf", "--one-file-system", folder])
        process.wait()
    }

    private static var repository: String { #filePath.components(dropping: 4) }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0, "\(path)")
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let count = read(file, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    /// The shim that the package builds beside the tests.
    private static var shim: String {
        var path = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.components(dropping: 1) + "/zos-shim"
    }
}

/// A program that runs to its end.
struct Spawned {
    private var process: pid_t = 0

    init(_ arguments: [String]) {
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        posix_spawnp(&process, arguments[0], nil, nil, &argv, environ)
    }

    func wait() { if process > 0 { waitpid(process, nil, 0) } }
}

extension String {
    /// The path without its last parts.
    fileprivate func components(dropping count: Int) -> String {
        "/" + split(separator: "/").dropLast(count).joined(separator: "/")
    }
}
