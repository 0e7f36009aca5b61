import ArgumentParser
import JSON

/// `zos types`.
struct TypesCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "Show what can be deployed on the node.")

    @OptionGroup var global: GlobalOptions

    func execute() async throws {
        let types = try await global.session().client.types()
        let rows = types.map { type in
            ["name", "plugin", "version", "summary"].map { type[$0]?.stringValue ?? "" }
        }
        global.output.result(
            ["types": .array(types)], text: rows.isEmpty ? "no types: the node has no plugins" : Output.table(rows))
    }
}
