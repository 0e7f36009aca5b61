import Glibc
import Hosting
import JSON
import Logging
import Naming
import Signatures
import WorkerSandbox

/// Puts together what runs plugins: packages, workers, companions, brokers.
struct NodeHosting {
    let configuration: NodeConfiguration
    let node: UInt32
    let registry: SubjectRegistry
    let log: Logger
    /// Where operations can be held, with `unsafe_faults`.
    var faults: FaultBoard?
    /// What plugins try, with `unsafe_trace_plugins`.
    var trace: SandboxTrace?

    struct Parts {
        let host: PluginHost
        let brokers: Brokers
        let companions: CompanionRunner
        let store: PackageStore
        /// Turns a verified package into what can run.
        let assembly: PluginAssembly
        /// The control group that all of the node's are in.
        let group: String
    }

    /// Commands that no plugin may claim.
    static let ownCommands = [
        "zos.deployment.", "zos.workload.", "zos.plugin.", "zos.system.", "zos.statistics.", "zos.storage.", "zos.gpu.",
        "zos.perf.", "zos.location.", "zos.admin.", "zos.debug.", "zos.network.admin.", "zos.network.interfaces",
        "zos.network.has_ipv6", "zos.network.public_config_get", "zos.unsafe.",
    ]

    /// Reads and verifies the installed plugins and takes over companions that an earlier node left running. Starts nothing.
    func build(_ uids: UIDAllocator) async throws -> Parts {
        let folders = configuration.folders
        let trust = try TrustPolicy.load(folders.plugins + "/trust.json")
        let store = try packageStore()
        let plugins = plugins(uids)
        let loaded = plugins.load(from: store, trust: trust)
        let companions = try companions(uids)
        let running = try await companions.adopt()
        if !running.isEmpty { log.notice("companions found again", metadata: ["count": "\(running.count)"]) }
        let brokers = try Brokers(
            brokerConfiguration(uids), registry: registry, companions: companions, log: log, trace: trace)
        await brokers.recover()
        let assembly = PluginAssembly(plugins: plugins, store: store, brokers: brokers, faults: faults)
        for plugin in loaded.plugins { brokers.register(plugin.rights) }
        let choices = UnsafeChoices(
            configuration, missing: SandboxSupport.missing(), rootCompanions: rootCompanions(loaded))
        for warning in choices.warnings { log.warning("\(warning)") }
        let launcher = try launcher(without: choices.missingParts)
        let host = PluginHost(
            plugins: loaded.plugins.map(assembly.runnable), trust: trust, reservedCommands: NodeHosting.ownCommands,
            refused: loaded.refused, launcher: launcher, registry: registry, companions: companions,
            restarts: restarts, log: log)
        return Parts(
            host: host, brokers: brokers, companions: companions, store: store, assembly: assembly, group: group)
    }

    /// Who kills workers on purpose does not want to wait for them.
    private var restarts: RestartPolicy {
        guard faults != nil else { return RestartPolicy() }
        return RestartPolicy(first: .milliseconds(10), longest: .milliseconds(100), breaker: .max)
    }

    /// The same plugins, with nobody to answer their calls and nothing prepared on the host.
    func buildStandalone() throws -> (PluginHost, WorkerLauncher) {
        let folders = configuration.folders
        let trust = try TrustPolicy.load(folders.plugins + "/trust.json")
        let plugins = plugins(try UIDAllocator(path: folders.uids))
        let loaded = plugins.load(from: try packageStore(), trust: trust)
        let choices = UnsafeChoices(configuration, missing: SandboxSupport.missing(), rootCompanions: [])
        for warning in choices.warnings { log.warning("\(warning)") }
        let launcher = try launcher(without: choices.missingParts)
        let host = PluginHost(
            plugins: loaded.plugins.map { RunnablePlugin(package: $0.package, plan: $0.plan, services: NoServices()) },
            trust: trust, reservedCommands: NodeHosting.ownCommands, refused: loaded.refused, launcher: launcher,
            registry: registry, companions: nil, preparation: .none, log: log)
        return (host, launcher)
    }

    func plugins(_ uids: UIDAllocator) -> NodePlugins {
        NodePlugins(
            configuration: configuration, uids: uids,
            userNamespaces: UserNamespaces(folder: configuration.folders.run + "/userns"), log: log)
    }

    func packageStore() throws -> PackageStore {
        let abi = WorkerLauncher.spokenABI
        return try PackageStore(
            root: configuration.folders.plugins + "/installed", abi: (abi.min() ?? 1)...(abi.max() ?? 1),
            now: { UnixClock.seconds() })
    }

    /// Tells this node's control groups from those of other nodes on the machine.
    private var group: String {
        let digest = MD5.digest(Array(configuration.folders.state.utf8)).prefix(4)
        return "zos-" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func companions(_ uids: UIDAllocator) throws -> CompanionRunner {
        let shim = try configuration.companionShim ?? NodeHosting.program("zos-shim")
        var settings = CompanionConfiguration(
            shim: shim, folder: configuration.folders.companions, cgroup: group + "/companions",
            rootPolicy: configuration.allowsRootCompanions ? .allowed : .refused)
        settings.policy = configuration.companions
        settings.hidden = [configuration.folders.state, configuration.folders.run]
        return try CompanionRunner(
            settings, users: { try uids.fresh() }, log: log)
    }

    private func rootCompanions(_ loaded: NodePlugins.Loaded) -> [String] {
        loaded.plugins.flatMap { plugin in
            let manifest = plugin.package.manifest
            return manifest.companions.filter { $0.user == .root }.map { "\(manifest.id)/\($0.id)" }
        }
    }

    private func launcher(without missing: Set<SandboxPart>) throws -> WorkerLauncher {
        let worker = try configuration.worker ?? NodeHosting.program("zos-worker")
        let launcher = try WorkerLauncher(
            WorkerLauncher.Configuration(
                executable: worker, groupPrefix: group + "/workers", unsafelyWithout: missing),
            supervisor: try NotificationSupervisor(trace: trace))
        log.notice(
            "plugins are limited",
            metadata: ["by": "\(launcher.limits.kind.rawValue)", "because": "\(launcher.limits.reason)"])
        return launcher
    }

    /// - Parameter uids: for the owners of roots; nil for a configuration that gets none.
    func brokerConfiguration(_ uids: UIDAllocator? = nil) throws -> BrokerConfiguration {
        let folders = configuration.folders
        var brokers = BrokerConfiguration(
            node: node, state: folders.state + "/brokers", run: folders.run + "/brokers",
            namespaces: folders.namespaces)
        brokers.roots = configuration.roots
        brokers.images = try uids.flatMap(images)
        brokers.pool = folders.pool
        brokers.secretKey = folders.identity + "/secrets.key"
        brokers.nameservers = configuration.nameservers
        brokers.offersKVM = NodeHosting.offersKVM(device: "/dev/kvm")
        for (name, exit) in configuration.exits {
            guard let bridge = exit["bridge"]?.stringValue else {
                throw NodeError(
                    .badConfiguration, "the exit '\(name)' names no bridge",
                    hint: "exits.\(name) = { bridge = \"br-out\" }")
            }
            brokers.exits[name] = BrokerConfiguration.Exit(
                bridge: bridge, addresses: (exit["addresses"]?.arrayValue ?? []).compactMap(\.stringValue),
                gateways: (exit["gateways"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        let own = configuration.listen.compactMap { $0.split(separator: ":").last.flatMap { UInt16($0) } }
        brokers.reserved["udp-port"] =
            own.map(String.init) + ["80", "443", "8082", "300", "9651", "9943", "9944", "9945", "8051"]
        return brokers
    }

    /// Nil where the operator switched it off, or its program is not installed.
    private func images(_ uids: UIDAllocator) throws -> ImageConfiguration? {
        let choices = configuration.images
        guard choices.isEnabled else { return nil }
        let program: String
        do { program = try configuration.unpacker ?? NodeHosting.program("zos-unpack") } catch {
            log.warning("roots are not fetched", metadata: ["because": "\(error)"])
            return nil
        }
        var images = ImageConfiguration(
            program: program,
            folder: configuration.folders.images, firstOwner: try uids.range(for: "images"),
            fetcher: try uids.user(for: "images"))
        images.cacheSize = choices.cacheSize
        images.rootSize = choices.rootSize
        images.allowsPrivateAddresses = choices.allowsPrivateAddresses
        images.isWithoutLandlock =
            configuration.allowsUnsafeSandbox && SandboxSupport.missing().contains(.landlock)
        return images
    }

    /// Whether companions, whose users are nobody else's, may open the device. Whether it works is for whoever uses it to
    /// find out (docs/spec/host-facts.md section 5).
    static func offersKVM(device: String) -> Bool {
        var facts = stat()
        guard stat(device, &facts) == 0, facts.st_mode & S_IFMT == S_IFCHR else { return false }
        return facts.st_mode & (S_IROTH | S_IWOTH) == S_IROTH | S_IWOTH
    }

    /// A program that is installed beside this one.
    private static func program(_ name: String) throws(NodeError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
        let path = folder + "/" + name
        guard access(String(path), X_OK) == 0 else {
            throw NodeError(
                .unusable, "\(path) is missing", hint: "install it beside the node, or name it in the configuration")
        }
        return String(path)
    }
}

/// The time of day, and names that are never used twice.
enum UnixClock {
    static func seconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// RFC 3339, in UTC; empty for times that no calendar has.
    static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        var text = [CChar](repeating: 0, count: 32)
        guard gmtime_r(&time, &parts) != nil else { return "" }
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func unique() -> String {
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 16) + "-" + String(random.next(), radix: 16)
    }
}
