import ArgumentParser
import JSON

/// `zos cancel NAME|CONTRACT`.
struct CancelCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a contract and wait until nothing of it is left.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "Contract or name of the deployment.")
    var deployment: String
    @Option(help: "Seconds to wait for the removal.")
    var timeout = 300
    @Flag(help: "Return as soon as the contract is cancelled.")
    var detach = false

    func execute(with session: Session) async throws {
        let contract = try await session.contract(deployment)
        try await session.builder().cancel(contract: contract)
        global.output.note("contract \(contract): cancelled")
        if !detach { try await session.client.waitForRemoval(of: contract, deadline: .seconds(timeout)) }
        global.output.result(
            ["contract_id": .number(JSONNumber(contract)), "removed": .bool(!detach)],
            text: detach ? "" : "contract \(contract): nothing is left")
    }
}
