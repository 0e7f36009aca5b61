import ArgumentParser
import JSON

/// `zos plugin build`.
struct PluginBuildCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build a plugin's project into a package: build/package.",
        discussion: """
            Package.swift is built with Swift (the product 'plugin'), Cargo.toml with cargo, a Makefile with make (its default
            target writes build/plugin.so), anything else as C. What no node could install fails here.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var kit: KitOptions
    @Argument(help: "The project's folder.")
    var path = "."
    @Flag(help: "Put the Swift runtime into the object: larger, but independent of the node's.")
    var selfContained = false

    func execute() async throws {
        let project = try PluginProject(path)
        try await PluginBuild(
            project: project, sdk: kit.folder(), isSelfContained: selfContained, isQuiet: global.json
        ).run()
        let manifest = project.manifest
        global.output.result(
            [
                "id": .string(manifest.id), "version": .string("\(manifest.version)"),
                "package": .string(project.package),
            ],
            text: "\(manifest.id) \(manifest.version) is in \(project.package)")
    }
}
