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

    /// A verified package with how its worker is started and what it may ask for.
    struct Assembled {
        let package: PluginPackage
        let plan: WorkerPlan
        let rights: PluginRights
    }

    struct Loaded {
        var plugins: [Assembled] = []
        var refused: [PluginReport] = []
    }

    func load(from store: PackageStore, trust: TrustPolicy) -> Loaded {
        var loaded = Loaded()
        for id in store.ids() {
            do {
                let package = try store.load(id, trust: trust)
                loaded.plugins.append(try assemble(package, copy: store.folder(of: package)))
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

    /// - Parameter copy: the folder of the store's copy.
    func assemble(_ package: PluginPackage, copy: String) throws -> Assembled {
        let manifest = package.manifest
        try configuration.companions.check(manifest, publisher: package.publisher.name)
        let policy = try SandboxPolicy.make(
            entitlements: manifest.entitlements.map { (name: $0.name, parameters: $0.parameters) })
        let identity: WorkerIdentity
        var owned: OwnedDescriptor?
        if policy.needsUserNamespace {
            let base = try uids.range(for: manifest.id)
            let namespace = try userNamespaces.namespace(of: manifest.id, base: base)
            owned = namespace
            identity = .userNamespace(namespace, base: base)
        } else {
            identity = .user(try uids.user(for: manifest.id))
        }
        let folders = try policy.folders.map { name in
            WorkerFolder(name: name, path: try pluginFolders.folder(of: manifest.id, name))
        }
        let plan = WorkerPlan(
            plugin: manifest.id, version: "\(manifest.version)", object: package.object, policy: policy,
            identity: identity, folders: folders, package: copy, limits: WorkerLimits(manifest.limits),
            settings: configuration.plugins[manifest.id] ?? [:], deadlines: deadlines(manifest.limits))
        return Assembled(
            package: package, plan: plan, rights: try rights(of: manifest, folder: folders.first, namespace: owned))
    }

    private func rights(
        of manifest: Manifest, folder: WorkerFolder?, namespace: OwnedDescriptor?
    ) throws -> PluginRights {
        var entitlements: [String: JSONValue] = [:]
        for entitlement in manifest.entitlements { entitlements[entitlement.name] = entitlement.parameters }
        var opened: OwnedDescriptor?
        if let folder {
            let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else {
                throw NodeError(
                    .unusable, "\(folder.path) cannot be opened: \(String(cString: strerror(errno)))", hint: nil)
            }
            opened = OwnedDescriptor(taking: descriptor)
        }
        return PluginRights(
            plugin: manifest.id, entitlements: entitlements, companions: manifest.companions, folder: opened,
            userNamespace: namespace)
    }

    private func deadlines(_ limits: PluginLimits) -> [PluginOperation: Duration] {
        var deadlines: [PluginOperation: Duration] = [:]
        for operation in PluginOperation.allCases {
            if let deadline = limits.deadlines["\(operation)"] { deadlines[operation] = deadline }
        }
        return deadlines
    }

    private var pluginFolders: PluginFolders { PluginFolders(root: configuration.folders.folders) }

    /// Removes what a plugin that is gone has kept, then gives its user up, so that nobody ever has that user again. If a part cannot
    /// be removed the plugin keeps its user: whoever installs it again finds the rest as its own.
    func forget(_ id: String) {
        do {
            try pluginFolders.remove(id)
            try userNamespaces.remove(id)
            try uids.release(id)
        } catch {
            log.error("remains of a plugin not removed", metadata: ["plugin": "\(id)", "reason": "\(error)"])
        }
    }
}
