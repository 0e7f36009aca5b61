import Deployments
import Foundation
import Logging
import Node

/// The plugins that were built beside this program, signed, installed and started in a folder of their own for a run of vectors.
struct VectorPlugins {
    /// The rules of the plugins that run; nil if none does.
    let rules: (any TypeRules)?
    /// What a person should know, such as why there are no plugins.
    let notes: [String]
    private let plugins: StandalonePlugins?
    private let folder: String?

    /// Never fails: without plugins the checks that need them are not applicable, and the notes say why.
    static func start(_ source: String?) async -> VectorPlugins {
        guard geteuid() == 0 else {
            return none("plugins need root, so no plugin judges its types")
        }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let built =
            source
            ?? DevelopmentPlugins.builtFolder(executable: own, environment: ProcessInfo.processInfo.environment)
        let path = "/tmp/zos-vectors-\(getpid())"
        do {
            let folder = DevelopmentFolder(path: path)
            try folder.prepare(DevelopmentFolder.Wishes())
            _ = try folder.folders.prepare()
            let outcomes = try DevelopmentPlugins(folder: folder).install(from: built)
            var configuration = NodeConfiguration()
            configuration.folders = folder.folders
            let log = Logger(label: "vectors") { _ in SwiftLogNoOpLogHandler() }
            let plugins = try await StandalonePlugins(configuration: configuration, log: log)
            var notes = outcomes.compactMap { outcome in outcome.refusal.map { "plugin \(outcome.name) refused: \($0)" }
            }
            notes += plugins.host.reports().filter { $0.state != "ready" }.map {
                "plugin \($0.id) is \($0.state): \($0.reason)"
            }
            if outcomes.isEmpty { notes.append("there are no plugins in \(built)") }
            return VectorPlugins(rules: PluginTypeRules(plugins.host), notes: notes, plugins: plugins, folder: path)
        } catch {
            remove(path)
            return none("no plugin judges its types: \(error)")
        }
    }

    func stop() async {
        await plugins?.stop()
        if let folder { Self.remove(folder) }
    }

    private static func none(_ note: String) -> VectorPlugins {
        VectorPlugins(rules: nil, notes: [note], plugins: nil, folder: nil)
    }

    private static func remove(_ path: String) {
        try? MountedFolder.unmountAll(below: path)  // Pinned user namespaces, if any.
        try? FileManager.default.removeItem(atPath: path)  // What is left is in /tmp and says whose it was.
    }
}
