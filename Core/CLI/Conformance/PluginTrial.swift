import Foundation
import JSON
import PluginTesting

/// Tries a built plugin on a node of its own: what `zos plugin test` does.
public struct PluginTrial: Sendable {
    /// The built plugin folder: `plugin.json`, `plugin.so`, `schemas`.
    public let folder: String
    /// Folders that hold plugin folders, for the types that the examples need.
    public let others: [String]
    /// Folders whose content may be the root of workloads; the first one is `${root}`.
    public let roots: [String]
    /// A built folder of the plugin's next version; without it, a package with other content stands for it.
    public let next: String?
    public var settings: ConformanceSettings

    public init(
        folder: String, others: [String], roots: [String] = [], next: String? = nil, settings: ConformanceSettings
    ) {
        self.next = next
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        self.others = others
        self.roots = roots.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        self.settings = settings
    }

    /// Starts a node, runs the cases, and takes the node away.
    ///
    /// - Parameter report: told of each result as soon as it is there.
    /// - Throws: what keeps the cases from being run at all.
    public func run(report: @escaping @Sendable (ConformanceResult) -> Void = { _ in }) async throws
        -> ConformanceReport
    {
        guard geteuid() == 0 else {
            throw CommandError(.failed, "a node needs root: it makes namespaces and mounts", hint: "use sudo")
        }
        let plugin = try Self.plugin(in: folder)
        let examples = try Self.examples(in: folder)
        let needed = Set(examples.flatMap(\.workloads).compactMap { $0["type"]?.stringValue })
        let trial = try TrialFolder(
            plugin: folder, others: try Self.servers(of: needed, in: others, without: plugin.id))
        let node = TrialNode(plugin: plugin.id, folder: trial, roots: roots, next: next)
        var settings = settings
        if settings.values["root"] == nil { settings.values["root"] = roots.first ?? trial.root }
        do {
            try await node.start()
        } catch {
            await node.remove()
            throw error
        }
        let kit = ConformanceKit(plugin: plugin, examples: examples, settings: settings)
        let outcome = await kit.run(on: node, report: report)
        await node.remove()
        return outcome
    }

    private static func plugin(in folder: String) throws -> ConformancePlugin {
        guard let manifest = try json(folder + "/plugin.json") else {
            throw CommandError(.notFound, "there is no plugin.json in \(folder)", hint: "name a built plugin folder")
        }
        guard FileManager.default.fileExists(atPath: folder + "/plugin.so") else {
            throw CommandError(.notFound, "there is no plugin.so in \(folder)", hint: "build the plugin first")
        }
        var schemas: [String: JSONValue] = [:]
        for path in (manifest["types"]?.arrayValue ?? []).compactMap({ $0["schema"]?.stringValue }) {
            schemas[path] = try json("\(folder)/\(path)")
        }
        return try ConformancePlugin(manifest: manifest, schemas: schemas)
    }

    /// Those of `docs/conformance.json`, else the deployment of `docs/example.yaml`.
    private static func examples(in folder: String) throws -> [ConformanceExample] {
        if let document = try json(folder + "/docs/conformance.json") { return try ConformanceExample.list(document) }
        guard let bytes = FileManager.default.contents(atPath: folder + "/docs/example.yaml") else { return [] }
        let value = try DeploymentFile.value(of: String(decoding: bytes, as: UTF8.self))
        return [ConformanceExample(name: "example.yaml", workloads: value["workloads"]?.arrayValue ?? [])]
    }

    /// Plugin folders that serve one of the types.
    private static func servers(of types: Set<String>, in folders: [String], without id: String) throws -> [String] {
        try folders.flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []  // No folder, no plugins.
            return try names.sorted().map { "\(folder)/\($0)" }.filter { path in
                guard let manifest = try json(path + "/plugin.json"), manifest["id"] != .string(id) else {
                    return false
                }
                return (manifest["types"]?.arrayValue ?? []).contains { types.contains($0["name"]?.stringValue ?? "") }
            }
        }
    }

    /// Nil if there is no such file.
    private static func json(_ path: String) throws -> JSONValue? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONValue(parsing: Array(bytes), mode: .strict)
        } catch {
            throw CommandError(.invalid, "\(path): \(error)")
        }
    }
}
