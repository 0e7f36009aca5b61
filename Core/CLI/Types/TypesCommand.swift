import ArgumentParser
import JSON

/// `zos types`.
struct TypesCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "Show what can be deployed on the node.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions

    func execute(with session: Session) async throws {
        let types = try await session.client.types()
        let rows = types.map { type in
            ["name", "plugin", "version", "summary"].map { type[$0]?.stringValue ?? "" }
        }
        global.output.result(
            ["types": .array(types)], text: rows.isEmpty ? "no types: the node has no plugins" : Output.table(rows))
    }
}
