import ArgumentParser

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: "The node's state folder; else $ZOS_STATE, else ./.zos.")
    var state: String?

    @Option(help: "Which user to act as; the first one unless given.")
    var user: String?

    @Flag(help: "Print one JSON object with stable keys.")
    var json = false

    var location: StateLocation { StateLocation(option: state) }
    var output: Output { Output(isJSON: json) }
}

/// A command of `zos`: its errors become a message, a hint and an exit code.
protocol ZosCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }
    func execute() async throws
}

/// A command that talks to a node or its ledger: a node of a network if one is named, else a development node's folder.
protocol SessionCommand: ZosCommand {
    var grid: GridOptions { get }
    func execute(with session: Session) async throws
}

extension ZosCommand {
    func run() async throws {
        do {
            try await execute()
        } catch let error as ExitCode {
            throw error
        } catch {
            let failure = CommandError(error)
            global.output.failure(failure)
            throw ExitCode(failure.kind.exitCode)
        }
    }
}

extension SessionCommand {
    func execute() async throws {
        guard let grid = try GridSession(grid) else {
            return try await execute(with: Session(global.location, user: global.user))
        }
        try await grid.run { try await execute(with: $0) }
    }
}
