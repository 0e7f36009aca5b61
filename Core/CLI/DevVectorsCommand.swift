import ArgumentParser
import Deployments
import Foundation
import JSON
import VectorRunner

/// `zos dev vectors FILE…`: runs test vectors through the code of node and client.
public struct DevVectorsCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "vectors", abstract: "Run files of test vectors and say what passed.",
        discussion: """
            Files are recognised by their content. Folders are run file by file. The plugins that were built beside this
            program judge their types, in their sandboxes; that needs root.
            """)

    @Argument(help: "Vector files or folders of them.")
    var paths: [String]

    @Option(help: "Folder with plugin folders; the build's own unless given.")
    var plugins: String?

    @Flag(help: "Print one JSON object per file.")
    var json = false

    public init() {}

    public func run() async throws {
        let bench = await VectorPlugins.start(plugins)
        for note in bench.notes { Self.note(note) }
        let isGood = try await run(plugins: bench.rules)
        await bench.stop()
        guard isGood else { throw ExitCode.failure }
    }

    /// Runs the files and prints the outcome.
    ///
    /// - Parameter plugins: the rules of installed types, for validity and capacity.
    /// - Returns: whether no check failed.
    public func run(plugins: (any TypeRules)?) async throws -> Bool {
        var isGood = true
        for path in paths {
            do throws(VectorError) {
                for (path, report) in try await VectorRunner.run(path: path, plugins: plugins) {
                    isGood = isGood && report.failed == 0
                    print(json ? Self.json(path, report).text : Self.text(path, report))
                }
            } catch {
                isGood = false
                print(
                    json
                        ? JSONValue.object(["file": .string(path), "error": .string(error.message)]).text
                        : "\(path): \(error.message)")
            }
        }
        return isGood
    }

    private static func note(_ text: String) {
        FileHandle.standardError.write(Data("zos: \(text)\n".utf8))
    }

    private static func text(_ path: String, _ report: VectorReport) -> String {
        (["\(path): \(report.summary)"] + report.details.map { "  \($0)" }).joined(separator: "\n")
    }

    private static func json(_ path: String, _ report: VectorReport) -> JSONValue {
        [
            "file": .string(path), "format": .string(report.format.rawValue),
            "passed": .number(JSONNumber(report.passed)), "failed": .number(JSONNumber(report.failed)),
            "not_applicable": .array(
                report.notApplicable.map { entry in
                    [
                        "kind": .string(entry.kind), "reason": .string(entry.reason),
                        "count": .number(JSONNumber(entry.count)),
                    ]
                }),
            "failures": .array(
                report.failures.map { failure in
                    [
                        "id": .string(failure.id), "check": .string(failure.check),
                        "expected": .string(failure.expected), "got": .string(failure.got),
                    ]
                }),
        ]
    }
}
