import Foundation

/// The development node of a project, worked with by the commands that a person would use.
struct ProjectNode: Sendable {
    let project: PluginProject
    /// Further plugins' folders.
    let others: [String]
    /// Its state folder.
    let state: String
    /// What `zos up` is told besides.
    private let options: [String]
    private let program: String

    /// - Parameter isTracing: whether plugins go on after a forbidden call, to see all that they lack.
    init(
        project: PluginProject, others: [String], state: String?, isTracing: Bool = false
    ) throws(CommandError) {
        options = isTracing ? ["--unsafe-trace-plugins"] : []
        self.project = project
        self.others = others
        self.state = state ?? project.node
        program = try ProgramPath.own()
    }

    /// Installs the package and the other plugins on a node that runs afterwards.
    func start() async throws {
        try stage()
        try await zos(["up", "--plugins", staged] + options)
    }

    /// Whether the newly built package differs from the one that was installed in what a node runs: documents aside.
    func isOutdated() -> Bool {
        Self.running(project.package) != Self.running("\(staged)/0")
    }

    private static func running(_ package: String) -> [String: Data] {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: package)) ?? []  // None: differs from any.
        let paths = all.filter { path in
            ["plugin.json", "plugin.so"].contains(path) || path.hasPrefix("schemas/") || path.hasPrefix("files/")
        }
        let pairs = paths.compactMap { path in
            FileManager.default.contents(atPath: "\(package)/\(path)").map { (path, $0) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Puts the newly built package in the place of the one that runs, as an upgrade: workloads go on.
    func replace() async throws {
        do {
            try stage()
            // An author goes back and forth between versions, and watches the outcome.
            try await zos("plugin", "install", "\(staged)/0", "--sign", "--downgrade", "--canary", "0")
        } catch {
            // Nothing counts as installed: the next build is tried again even if it is the same.
            try FileManager.default.removeItem(atPath: staged)
            throw error
        }
    }

    /// Stops it; unless it is kept, everything on it is cancelled first and nothing of it is left.
    func end(keeping: Bool) async throws {
        guard FileManager.default.fileExists(atPath: state + "/dev.json") else { return }
        if keeping { return try await zos("down") }
        do {
            try await zos("down", "--remove")
        } catch {
            // Interrupted between two nodes: only one that runs can cancel what is deployed.
            try stage()
            try await zos("up", "--plugins", staged)
            try await zos("down", "--remove")
        }
    }

    private var staged: String { project.path + "/build/plugins" }

    private func zos(_ words: String...) async throws { try await zos(words) }

    private func zos(_ words: [String]) async throws {
        try await Tool(words: [program] + words + ["--state", state], folder: project.path, isQuiet: true).run()
    }

    /// Gathers the plugins in one folder.
    private func stage() throws {
        let files = FileManager.default
        if files.fileExists(atPath: staged) { try files.removeItem(atPath: staged) }
        try files.createDirectory(atPath: staged, withIntermediateDirectories: true)
        for (index, folder) in ([project.package] + others).enumerated() {
            try files.copyItem(atPath: folder, toPath: "\(staged)/\(index)")
        }
    }
}
