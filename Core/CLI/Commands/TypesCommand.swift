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

/// `zos explain TYPE`.
struct ExplainCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show what the data of a type looks like.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The type, as in 'zos types'.")
    var type: String

    func execute() async throws {
        let client = try global.session().client
        let names = try await client.types().compactMap { $0["name"]?.stringValue }
        guard names.contains(where: { $0.utf8.elementsEqual(type.utf8) }) else {
            throw CommandError(
                .notFound, "the node has no type '\(type)'",
                hint: names.isEmpty ? "it has no plugins" : "it has " + names.joined(separator: ", "))
        }
        let found = try await client.describe(type: type)
        let words = ["name", "summary", "plugin", "version"].map { found[$0]?.stringValue ?? "" }
        let heading = "\(words[0]): \(words[1])  (\(words[2]) \(words[3]))"
        let outline = SchemaOutline(found["schema"] ?? .null)
        global.output.result(found, text: ([heading] + outline.lines).joined(separator: "\n"))
    }
}
