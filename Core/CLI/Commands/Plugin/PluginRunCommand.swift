import ArgumentParser
import JSON

/// `zos plugin run`.
struct PluginRunCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plugin's project on a development node that follows its changes.",
        discussion: """
            Builds, starts a node in build/node, installs, and watches the sources: on a change the plugin is built and
            replaced, deployed workloads stay. Ctrl-C cancels what is deployed and removes the node. Needs root.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var kit: KitOptions
    @Argument(help: "The project's folder.")
    var path = "."
    @Option(name: .customLong("with"), help: "A further plugin's folder to install; may be repeated.")
    var others: [String] = []
    @Flag(help: "Leave the node's folder and the workloads; the next run goes on with them.")
    var keep = false

    @Flag(
        help:
            "Let the plugin go on after a forbidden call; 'zos plugin trace' lists what it tried and what would allow it."
    )
    var trace = false

    func execute() async throws {
        let project = try PluginProject(path)
        let build = PluginBuild(project: project, sdk: try kit.folder(), isQuiet: global.json)
        let node = try ProjectNode(
            project: project, others: others, state: global.state.map { StateLocation(option: $0).path },
            isTracing: trace)
        let output = Output(isJSON: false)
        let interruption = Interruption()
        try await build.run()
        do {
            try await node.start()
            output.note(
                """
                \(project.manifest.id) \(project.manifest.version) runs. In another terminal:
                  export ZOS_STATE=\(node.state)
                  zos deploy -f \(project.path)/docs/example.yaml
                watching \(project.path); Ctrl-C stops and removes the node
                """)
            try await interruption.orEnd { try await follow(build, node, output) }
        } catch {
            try? await node.end(keeping: keep)  // The first error is the one to tell.
            throw error
        }
        output.note("stopping")
        try await node.end(keeping: keep)
    }

    /// Until it is cancelled.
    private func follow(_ build: PluginBuild, _ node: ProjectNode, _ output: Output) async throws {
        var watch = try SourceWatch(build.project.path)
        while true {
            try await watch.change()
            output.note("a source has changed: building")
            do {
                // The manifest may be what has changed.
                var build = build
                build.project = try PluginProject(build.project.path)
                try await build.run()
                guard node.isOutdated() else {
                    output.note("the plugin is the same")
                    continue
                }
                try await node.replace()
                output.note("replaced: \(build.project.manifest.id) \(build.project.manifest.version)")
            } catch let error as CancellationError {
                throw error
            } catch {
                let failure = CommandError(error)
                output.note("not replaced: \(failure); the one before goes on")
            }
        }
    }
}
