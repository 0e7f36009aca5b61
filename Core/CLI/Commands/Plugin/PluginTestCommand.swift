import ArgumentParser
import Foundation
import JSON

/// `zos plugin test`.
struct PluginTestCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run a project's own tests, then the conformance kit over the plugin.",
        discussion: """
            The kit starts a node of its own, signs the plugin with a throw-away key, deploys its examples, and kills plugin and core at
            every step. It needs root. Examples are those of docs/conformance.json, else the deployment of docs/example.yaml.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var kit: KitOptions
    @OptionGroup var trial: TrialOptions
    @Argument(help: "The project's folder, or a built plugin's with plugin.json, plugin.so and schemas.")
    var path = "."
    @Flag(help: "Only the project's own tests: swift test, cargo test or make test.")
    var own = false
    @Flag(help: "Show the cases of the kit and what each promises; run nothing.")
    var list = false

    func execute() async throws {
        if list { return TrialOptions.showCatalogue(global.output) }
        if FileManager.default.fileExists(atPath: path + "/plugin.so") {
            return try await trial.run(folder: path, output: global.output)
        }
        let project = try PluginProject(path)
        try await ownTests(project)
        if own {
            return global.output.result(
                ["id": .string(project.manifest.id), "own": "passed"],
                text: "\(project.manifest.id): its own tests passed")
        }
        try await PluginBuild(project: project, sdk: kit.folder(), isQuiet: global.json || trial.report != .text).run()
        try await trial.run(folder: project.package, output: global.output)
    }

    private func ownTests(_ project: PluginProject) async throws {
        let words: [String]
        switch project.language {
        case .swift: words = ["swift", "test"]
        case .rust: words = ["cargo", "test"]
        case .c:
            guard FileManager.default.fileExists(atPath: project.path + "/Makefile") else {
                throw CommandError(
                    .notFound, "\(project.path) has no Makefile, so no tests of its own",
                    hint: "add one with a target 'test'")
            }
            words = ["make", "test", "SDK=\(try kit.folder().path)"]
        }
        let isQuiet = global.json || trial.report != .text
        try await PluginBuild(project: project, sdk: kit.folder(), isQuiet: isQuiet).tool(words).run()
    }
}
