import ArgumentParser
import JSON

/// `zos explain TYPE[.PATH]`.
struct ExplainCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show what the data of a type, or a part of it, looks like.",
        discussion: "A part is named by its path, as in 'zos explain disk.size'; lists are passed through.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The type, as in 'zos types', with the path of a part if wanted.")
    var type: String

    func execute(with session: Session) async throws {
        let words = type.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let found = try await KnownType.find(words.first ?? "", by: session.client)
        let member = try TypeMember(at: Array(words.dropFirst()), in: found.schema, of: found.name)
        guard words.count > 1 else {
            let outline = SchemaOutline(member.view).lines
            let lines = [found.heading] + (outline.isEmpty ? ["  any data"] : outline) + found.notes + found.abilities
            return global.output.result(found.description, text: lines.joined(separator: "\n"))
        }
        let json: JSONValue = [
            "type": .string(found.name), "pointer": .string(member.pointer), "kind": .string(member.view.kind),
            "required": member.isRequired.map(JSONValue.bool) ?? .null,
            "updatable": .bool(found.isUpdatable(member.pointer)), "schema": .object(member.view.keywords),
        ]
        global.output.result(json, text: lines(member, of: found).joined(separator: "\n"))
    }

    private func lines(_ member: TypeMember, of found: KnownType) -> [String] {
        let presence = member.isRequired.map { $0 ? ", required" : ", optional" } ?? ""
        let changes = found.isUpdatable(member.pointer) ? ", can change in place" : ""
        var lines = ["\(type): \(member.view.kind)\(presence)\(changes)"]
        lines += member.view.description.map { ["  " + $0] } ?? []
        lines += found.reference(at: member.pointer).map { ["  " + $0] } ?? []
        lines += member.view.rules.map { "  " + $0 }
        lines += (member.view["examples"]?.arrayValue ?? []).map { "  example: \($0.text)" }
        return lines + SchemaOutline(member.view.element ?? member.view).lines
    }
}
