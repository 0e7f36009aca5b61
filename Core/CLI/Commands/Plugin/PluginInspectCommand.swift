import ArgumentParser
import Foundation
import Hosting
import JSON
import Node
import Signatures

/// `zos plugin inspect ID|FOLDER`.
struct PluginInspectCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show who signed a plugin, what it asks for and why, and what changed since the installed version.",
        discussion: """
            Works on a package, on a source folder and on an installed plugin by its id; no node has to run. The signature is
            checked against the keys of the node's trust policy and those given by --key.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A folder with plugin.json, or the id of an installed plugin.")
    var plugin: String
    @Option(name: .customLong("key"), help: "A minisign public key, or its file, to look for; can be repeated.")
    var keys: [String] = []

    func execute() async throws {
        let state = InstalledPlugins(global.location)
        let isFolder = FileManager.default.fileExists(atPath: plugin + "/plugin.json")
        let installed = isFolder ? nil : state.package(of: plugin)
        guard isFolder || installed != nil else {
            throw CommandError(
                .notFound, "'\(plugin)' is neither a plugin's folder nor installed in \(global.location.path)",
                hint: "see 'zos plugin list'")
        }
        let path = installed?.folder ?? plugin
        let abi = WorkerLauncher.spokenABI
        let inspection = try PackageInspection(
            folder: path, trust: try state.policy(), keys: try keys.map(Self.key),
            abi: (abi.min() ?? 1)...(abi.max() ?? 1))
        let before = isFolder ? state.package(of: inspection.manifest.id) : nil
        let report = InspectionReport(inspection: inspection, path: path, installed: before)
        global.output.result(report.json, text: report.lines.joined(separator: "\n"))
    }

    private static func key(_ given: String) throws -> MinisignPublicKey {
        if let bytes = FileManager.default.contents(atPath: given) {
            return try MinisignPublicKey(String(decoding: bytes.prefix(4096), as: UTF8.self))
        }
        return try MinisignPublicKey(given)
    }
}
