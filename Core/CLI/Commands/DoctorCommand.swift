import ArgumentParser
import Foundation
import JSON

/// `zos doctor`.
struct DoctorCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this host lacks for a node, and what to do about it.",
        discussion: "Exit code 1 if something is missing.")

    @OptionGroup var global: GlobalOptions
    @Option(help: "Folder with plugin folders; the build's own unless given.")
    var plugins: String?

    func execute() async throws {
        let built =
            plugins
            ?? DevelopmentPlugins.builtFolder(
                executable: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "",
                environment: ProcessInfo.processInfo.environment)
        let findings = HostExamination(pluginFolders: [built]).run()
        let rows = findings.map { finding in
            let mark = finding.verdict == .good ? "ok" : finding.verdict == .warning ? "warning" : "MISSING"
            return [mark, finding.subject, finding.detail + (finding.hint.map { " → \($0)" } ?? "")]
        }
        let isGood = findings.allSatisfy { $0.verdict != .missing }
        global.output.result(
            ["good": .bool(isGood), "findings": .array(findings.map(\.json))], text: Output.table(rows))
        if !isGood { throw ExitCode(CommandError.Kind.failed.exitCode) }
    }
}
