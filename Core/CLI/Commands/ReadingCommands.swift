import ArgumentParser
import JSON

/// `zos get NAME|CONTRACT`.
struct GetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a deployment with the state of each workload.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "Contract or name of the deployment.")
    var deployment: String

    func execute(with session: Session) async throws {
        let found = try await session.client.deployment(contract: try await session.contract(deployment))
        global.output.result(found.displayJSON, text: found.displayText)
    }
}

/// `zos list`.
struct ListCommand: SessionCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show all deployments of the user.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions

    func execute(with session: Session) async throws {
        let found = try await session.client.deployments()
        global.output.result(
            ["deployments": .array(found.map(\.displayJSON))],
            text: found.isEmpty ? "no deployments" : found.map(\.displayText).joined(separator: "\n"))
    }
}

/// `zos changes NAME|CONTRACT`.
struct ChangesCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes", abstract: "Show every change of state of a deployment, oldest first.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "Contract or name of the deployment.")
    var deployment: String

    func execute(with session: Session) async throws {
        let changes = try await session.client.changes(contract: try await session.contract(deployment))
        let rows = changes.map { entry in
            [
                String(entry.result.created), entry.name, entry.type, "v\(entry.version)", entry.result.state.rawValue,
                entry.note,
            ]
        }
        global.output.result(["changes": .array(changes.map(\.displayJSON))], text: Output.table(rows))
    }
}
