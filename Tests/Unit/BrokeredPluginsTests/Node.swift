import CHost
import Glibc
import Hosting
import JSON
import Netlink
import PluginSDK
import Testing

/// The node's brokers and companions with built-in plugins' own manifests, in folders of their own. Needs root.
///
/// Bridges are made in the namespace that the tests run in, under names that no other run has.
final class Node {
    let brokers: Brokers
    let registry = SubjectRegistry()
    let runner: CompanionRunner
    let folder: String
    private let manifests: [String: Manifest]
    private let plugin: String
    private let userNamespace: OwnedDescriptor
    /// Folders of the plugins' own, by plugin and name.
    private var folders: [String: [String: OwnedDescriptor]] = [:]

    /// - Parameter plugins: folders below `Plugins`; the first is the one that `run` gives a context of.
    init(
        plugin: String, and others: [String] = [], exits: [String: BrokerConfiguration.Exit] = [:],
        rootPolicy: CompanionConfiguration.RootPolicy = .refused
    ) throws {
        self.plugin = plugin
        var manifests: [String: Manifest] = [:]
        for name in [plugin] + others {
            manifests[name] = try Manifest(parsing: try Self.bytes("\(Self.repository)/Plugins/\(name)/plugin.json"))
        }
        self.manifests = manifests
        folder = "/tmp/zos-brokered-\(getpid())-\(plugin)"
        for path in ["", "/run", "/state", "/netns", "/pool", "/roots"] { mkdir(folder + path, 0o755) }
        var configuration = BrokerConfiguration(
            node: 1, state: "\(folder)/state", run: "\(folder)/run", namespaces: "\(folder)/netns")
        configuration.exits = exits
        configuration.pool = "\(folder)/pool"
        configuration.roots = ["\(folder)/roots"]
        var images = ImageConfiguration(
            program: Self.program("zos-unpack"), folder: "\(folder)/images", firstOwner: 5_000_000, fetcher: 5_100_000)
        images.allowsPrivateAddresses = true
        configuration.images = images
        let users = 910_000 + UInt32(getpid() % 1000) * 64
        runner = try CompanionRunner(
            CompanionConfiguration(
                shim: Self.shim, folder: "\(folder)/companions", cgroup: "zos-brokered-\(getpid())-\(plugin)",
                rootPolicy: rootPolicy)
        ) { users }
        brokers = try Brokers(configuration, registry: registry, companions: runner)
        userNamespace = OwnedDescriptor(taking: zos_userns_new(3_000_000, 65_536))
        for (name, manifest) in manifests {
            var entitlements: [String: JSONValue] = [:]
            for entitlement in manifest.entitlements { entitlements[entitlement.name] = entitlement.parameters }
            folders[name] = try openFolders(entitlements["folder"]?["name"]?.stringValue, of: name)
            brokers.register(
                PluginRights(
                    plugin: manifest.id, entitlements: entitlements, companions: manifest.companions,
                    folder: folders[name]?.first { $0.key != "package" }?.value, userNamespace: userNamespace))
        }
    }

    /// The plugin's own folder, if it wants one, and its sources in the place of its package.
    private func openFolders(_ own: String?, of name: String) throws -> [String: OwnedDescriptor] {
        var paths = ["package": "\(Self.repository)/Plugins/\(name)"]
        if let own {
            paths[own] = "\(folder)/\(name)-\(own)"
            mkdir("\(folder)/\(name)-\(own)", 0o700)
        }
        return try paths.mapValues { path in
            let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            try #require(descriptor >= 0, "\(path)")
            return OwnedDescriptor(taking: descriptor)
        }
    }

    /// What a provisioner of the plugin works with.
    func context(of plugin: String) throws -> Context {
        let manifest = try #require(manifests[plugin])
        var open = JSONObject()
        for (name, descriptor) in folders[plugin] ?? [:] {
            open[name] = ["path": "", "descriptor": .number(JSONNumber(descriptor.number))]
        }
        return Context(
            host: BrokeredHost(brokers: brokers, plugin: manifest.id), configuration: ["folders": .object(open)])
    }

    /// Runs `body` while companions are watched, then takes everything away.
    func run(_ body: (Context) async throws -> Void) async throws {
        let runner = runner
        let result: Swift.Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await runner.run() }
            defer { group.cancelAll() }
            do {
                try await body(try self.context(of: plugin))
                return .success(())
            } catch { return .failure(error) }
        }
        await brokers.sweep(known: [])
        // What belongs to the plugin itself, such as the public segment, goes with its namespace.
        let context = try self.context(of: plugin)
        for name in (try? await context.namespaces.list()) ?? [] { try await context.namespaces.delete(name) }
        remove(folder)
        for root in ["cpu", "cpuacct", "memory", "pids", "freezer", "systemd", "devices", "blkio", "cpuset"] {
            rmdir("/sys/fs/cgroup/\(root)/\(folder.split(separator: "/").last ?? "")")
        }
        try result.get()
    }

    /// Tells the brokers about a workload, as the core does before the plugin hears of it.
    func announce(_ id: String, type: String, of plugin: String? = nil, references: [SubjectReference] = []) {
        let subject = Subject(
            id: id, twin: 7, contract: 12, name: id, type: type, version: 0, data: [:], references: references)
        registry.record(subject, of: manifests[plugin ?? self.plugin]?.id ?? "")
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

    static var repository: String { #filePath.components(dropping: 4) }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0, "\(path)")
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let count = read(file, &buffer, buffer.count)
        return Array(buffer.prefix(max(0, count)))
    }

    /// The shim that the package builds beside the tests.
    private static var shim: String { program("zos-shim") }

    /// Built beside the test program.
    private static func program(_ name: String) -> String {
        var path = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.components(dropping: 1) + "/" + name
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
