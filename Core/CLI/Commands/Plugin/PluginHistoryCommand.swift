import ArgumentParser
import Foundation
import JSON

/// `zos plugin history ID`.
struct PluginHistoryCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what was changed about a plugin, step by step, from the node's journal."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The plugin's id.")
    var id: String

    func execute() async throws {
        let changes = try await NodeControl(global.location).ask("plugin.history", ["id": .string(id)]).arrayValue ?? []
        global.output.result(["changes": .array(changes)], text: changes.map(Self.text).joined(separator: "\n"))
    }

    private static func text(_ change: JSONValue) -> String {
        func word(_ value: JSONValue, _ name: String) -> String { value[name]?.stringValue ?? "-" }
        let head =
            "\(change["id"]?.intValue ?? 0) \(word(change, "kind")) \(word(change, "from")) -> \(word(change, "to")): "
        let rows = (change["steps"]?.arrayValue ?? []).map { step in
            let at = Date(timeIntervalSince1970: Double(step["at"]?.intValue ?? 0))
            let detail = step["detail"].map { $0.objectValue?.members.isEmpty ?? true ? "" : $0.text } ?? ""
            return ["  " + at.formatted(.iso8601), word(step, "step"), word(step, "kind"), detail]
        }
        return head + word(change, "phase") + "\n" + Output.table(rows)
    }
}
