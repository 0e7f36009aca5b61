import ArgumentParser
import Foundation
import JSON
import PluginTesting

/// What can be said about a trial of a plugin on the command line, and the trial itself.
struct TrialOptions: ParsableArguments {
    /// How the report is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, junit
    }

    @Option(
        name: .customLong("with"),
        help: "A folder with plugin folders for the types that the examples need; can be repeated.")
    var others: [String] = []
    @Option(
        name: .customLong("root"), help: "A folder whose content may be the root of workloads, ${root} in examples.")
    var roots: [String] = []
    @Option(help: "A built folder of the plugin's next version, to upgrade to.")
    var upgrade: String?
    @Option(help: "Points per operation at which plugin and core are killed; all of them unless given.")
    var points: Int?
    @Option(name: .customLong("case"), help: "Run only these cases, * is any text; can be repeated.")
    var cases: [String] = []
    @Option(help: "Seconds for one operation.")
    var patience = 60
    @Option(help: "How the report is written: text, json or junit.")
    var report = Format.text
    @Option(help: "Write the JUnit report to this file too.")
    var junit: String?

    /// Tries a built plugin folder, prints the report, and ends the program with code 1 if a case failed.
    func run(folder: String, output: Output) async throws {
        var settings = ConformanceSettings()
        settings.points = points
        settings.cases = cases
        settings.patience = .seconds(patience)
        let built = DevelopmentPlugins.builtFolder(
            executable: TrialProgram.folder + "/zos", environment: ProcessInfo.processInfo.environment)
        let isText = report == .text && !output.isJSON
        let outcome = try await PluginTrial(
            folder: folder, others: others + [built], roots: roots, next: upgrade, settings: settings
        ).run { result in if isText { output.note(result.text) } }
        if let junit { try Data(outcome.junit.utf8).write(to: URL(fileURLWithPath: junit), options: .atomic) }
        switch report {
        case _ where output.isJSON: print(outcome.json.text)
        case .json: print(outcome.json.text)
        case .junit: print(outcome.junit, terminator: "")
        case .text: print(outcome.summary)
        }
        if !outcome.hasPassed { throw ExitCode(CommandError.Kind.failed.exitCode) }
    }

    /// Shows the cases and runs none.
    static func showCatalogue(_ output: Output) {
        let cases = ConformanceKit.catalogue
        output.result(
            ["cases": .array(cases.map { ["id": .string($0.id), "promise": .string($0.promise)] })],
            text: Output.table(cases.map { [$0.id, $0.promise] }))
    }
}
