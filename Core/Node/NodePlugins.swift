import Glibc
import Hosting
import JSON
import Logging

/// Loads the installed plugins: verified again, each with a plan for its worker. What cannot be loaded is reported and never keeps
/// the node from starting.
struct NodePlugins {
    let configuration: NodeConfiguration
    let uids: UIDAllocator
    let userNamespaces: UserNamespaces
    let log: Logger

    struct Loaded {
        var packages: [(package: PluginPackage, plan: WorkerPlan)] = []
        var refused: [PluginReport] = []
        /// By plugin id, for those that have one.
        var namespaces: [String: OwnedDescriptor] = [:]
        var folders: [String: [WorkerFolder]] = [:]
    }

    func load(from store: PackageStore, trust: TrustPolicy) -> Loaded {
        var loaded = Loaded()
        for id in store.ids() {
            do {
                let package = try store.load(id, trust: trust)
                try configuration.companions.check(package.manifest, publisher: package.publisher.name)
                loaded.packages.append(
                    (package, try plan(for: package, copy: store.folder(of: package), into: &loaded)))
            } catch {
                log.error("plugin refused", metadata: ["plugin": "\(id)", "reason": "\(error)"])
                let version = store.installed().first { $0.id == id }?.version ?? ""
                loaded.refused.append(report(id, version, "\(error)"))
            }
        }
        return loaded
    }

    private func report(_ id: String, _ version: String, _ reason: String) -> PluginReport {
        PluginReport(
            id: id, version: version, types: [], state: "refused", reason: reason, nextAttempt: nil, restarts: 0)
    }

    private func plan(for package: PluginPackage, copy: String, into loaded: inout Loaded) throws -> WorkerPlan {
        let manifest = package.manifest
        let policy = try SandboxPolicy.make(
            entitlements: manifest.entitlements.map { (name: $0.name, parameters: $0.parameters) })
        let identity: WorkerIdentity
        if policy.needsUserNamespace {
            let base = try uids.range(for: manifest.id)
            let namespace = try userNamespaces.namespace(of: manifest.id, base: base)
            loaded.namespaces[manifest.id] = namespace
            identity = .userNamespace(namespace, base: base)
        } else {
            identity = .user(try uids.user(for: manifest.id))
        }
        let folders = try policy.folders.map { name in
            WorkerFolder(name: name, path: try folder(manifest.id, name))
        }
        loaded.folders[manifest.id] = folders
        return WorkerPlan(
            plugin: manifest.id, version: "\(manifest.version)", object: package.object, policy: policy,
            identity: identity, folders: folders, package: copy, limits: WorkerLimits(manifest.limits),
            settings: configuration.plugins[manifest.id] ?? [:], deadlines: deadlines(manifest.limits))
    }

    private func deadlines(_ limits: PluginLimits) -> [PluginOperation: Duration] {
        var deadlines: [PluginOperation: Duration] = [:]
        for operation in PluginOperation.allCases {
            if let deadline = limits.deadlines["\(operation)"] { deadlines[operation] = deadline }
        }
        return deadlines
    }

    /// `pools/main/plugins/<id>/<name>`, made if it is not there.
    private func folder(_ plugin: String, _ name: String) throws(NodeError) -> String {
        let parent = configuration.folders.folders + "/" + plugin
        let path = parent + "/" + name
        for (part, mode) in [(parent, mode_t(0o711)), (path, mode_t(0o700))] {
            guard mkdir(part, mode) == 0 || errno == EEXIST else {
                throw NodeError(.unusable, "\(part) cannot be made: \(String(cString: strerror(errno)))", hint: nil)
            }
        }
        return path
    }
}
