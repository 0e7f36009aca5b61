import ArgumentParser
import Contracts
import JSON

/// `zos twin [ID]`.
struct TwinCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "twin", abstract: "Show a twin: the user's own unless one is named.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The twin's id.")
    var id: UInt32?

    func execute(with session: Session) async throws {
        let id = id ?? session.identity.twin
        guard let twin = try await session.ledger.twin(id, at: .best) else {
            throw CommandError(.notFound, "there is no twin \(id)")
        }
        let json = try JSONValue(encoding: twin)
        global.output.result(json, text: "twin \(twin.id), account \(twin.account), relay \(twin.relay ?? "none")")
    }
}

/// `zos contract [ID]`.
struct ContractCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract", abstract: "Show a contract; the active ones of the node unless one is named.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "A node of a network") var grid: GridOptions
    @Argument(help: "The contract's id.")
    var id: UInt64?

    func execute(with session: Session) async throws {
        var contracts: [Contract] = []
        if let id {
            guard let contract = try await session.ledger.contract(id, at: .best) else {
                throw CommandError(.notFound, "there is no contract \(id)", hint: "it may have been cancelled")
            }
            contracts = [contract]
        } else {
            for id in try await session.ledger.activeContracts(ofNode: session.nodeID, at: .best) {
                if let contract = try await session.ledger.contract(id, at: .best) { contracts.append(contract) }
            }
        }
        let list = try contracts.map { try JSONValue(encoding: $0) }
        let rows = contracts.map { contract in
            ["contract \(contract.id)", "twin \(contract.twin)", Self.state(contract.state), Self.kind(contract.kind)]
        }
        global.output.result(
            id == nil ? ["contracts": .array(list)] : list.first ?? .null,
            text: rows.isEmpty ? "no contracts" : Output.table(rows))
    }

    private static func state(_ state: ContractState) -> String {
        switch state {
        case .created: "created"
        case .gracePeriod(let block): "in grace since block \(block)"
        case .deleted: "deleted"
        case .other(let name): name
        }
    }

    private static func kind(_ kind: ContractKind) -> String {
        switch kind {
        case .node(let agreed):
            "node \(agreed.node), hash \(agreed.hash), public IPs "
                + (agreed.publicIPs.isEmpty ? "none" : agreed.publicIPs.map(\.ip).joined(separator: " "))
        case .name(let name): "name \(name)"
        case .rent(let node): "rents node \(node)"
        case .other(let name): name
        }
    }
}
