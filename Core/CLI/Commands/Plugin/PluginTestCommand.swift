import ArgumentParser
import Foundation
import JSON

/// `zos plugin test`.
struct PluginTestCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run a project's own tests: swift test, cargo test or make test.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var kit: KitOptions
    @Argument(help: "The project's folder.")
    var path = "."

    func execute() async throws {
        let project = try PluginProject(path)
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
        try await PluginBuild(project: project, sdk: kit.folder(), isQuiet: global.json).tool(words).run()
        global.output.result(
            ["id": .string(project.manifest.id), "own": "passed"], text: "\(project.manifest.id): its own tests passed")
    }
}
