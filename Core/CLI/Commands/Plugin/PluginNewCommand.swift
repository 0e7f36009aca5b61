import ArgumentParser
import Foundation
import JSON

/// `zos plugin new`.
struct PluginNewCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write a project for a plugin with a workload type of its own.",
        discussion: "What is written builds, passes its tests and can be deployed; its README says how.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var kit: KitOptions
    @Argument(help: "The workload type: lower-case words joined by hyphens.")
    var name: String
    @Option(help: "What to write it in: swift, c or rust.")
    var language = ProjectLanguage.swift
    @Option(help: "The plugin's id, a reverse domain name; org.example.NAME unless given.")
    var id: String?
    @Option(help: "Where to write it; a folder called NAME unless given.")
    var folder: String?

    func execute() async throws {
        let named = try ProjectName(name, id: id)
        let template = try ProjectTemplate(language, of: try kit.folder(), for: named)
        let destination = URL(fileURLWithPath: folder ?? name).standardizedFileURL.path
        let files = try template.write(to: destination)
        _ = try PluginProject(destination)
        global.output.result(
            [
                "folder": .string(destination), "language": .string(language.rawValue), "id": .string(named.id),
                "files": .array(files.map { .string($0) }),
            ],
            text: """
                \(named.id) in \(language.rawValue): \(destination)
                next:
                  cd \(folder ?? name)
                  zos plugin test --own   # its own tests
                  zos plugin run          # a development node that follows your changes
                README.md leads on.
                """)
    }
}
