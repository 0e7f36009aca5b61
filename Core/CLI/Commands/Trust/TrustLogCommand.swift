import ArgumentParser
import Foundation
import JSON

/// `zos trust log`.
struct TrustLogCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show every install, load, refusal, removal and change of trust, oldest first.")

    @OptionGroup var global: GlobalOptions
    @Option(help: "Only what concerns this plugin.")
    var plugin: String?

    func execute() async throws {
        let entries = try TrustSession(global.location).file.history().filter { entry in
            plugin.map { $0.utf8.elementsEqual(entry["plugin"]?.stringValue?.utf8 ?? "".utf8) } ?? true
        }
        let format = ISO8601DateFormatter()
        let rows = entries.map { entry in
            let time = entry["time"]?.int64Value.map { format.string(from: Date(timeIntervalSince1970: Double($0))) }
            return [
                time ?? "", entry["event"]?.stringValue ?? "", entry["plugin"]?.stringValue ?? "",
                entry["version"]?.stringValue ?? "", Self.detail(entry),
            ]
        }
        global.output.result(
            ["entries": .array(entries)], text: rows.isEmpty ? "nothing was logged yet" : Output.table(rows))
    }

    private static func detail(_ entry: JSONValue) -> String {
        if let reason = entry["reason"]?.stringValue { return reason }
        if let change = entry["change"] { return change.text }
        return entry["publisher"]?.stringValue.map { "signed by \($0)" } ?? ""
    }
}
