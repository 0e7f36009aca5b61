import Chain
import Client
import Contracts
import Logging
import TestNode
import Testing

@Suite("The ledger of a node, as a chain")
struct LedgerFaceTests {
    @Test("a development node's ledger takes calls of the chain's client, and zos sees what came of them")
    func developmentNode() async throws {
        let none = try PluginFolder([])
        try await RunningNode.with(plugins: none, options: ["--ledger-rpc", "0"]) { node in
            let user = try node.user()
            let url = try #require(try node.description().chain)
            let contract = try await ChainLedger.with(endpoints: [url], log: Logger(label: "test")) { chain in
                #expect(try await chain.genesisHash() == (try await user.ledger.genesisHash()))
                #expect(
                    try await chain.twin(user.twin, at: .finalised)
                        == (try await user.ledger.twin(user.twin, at: .best)))
                let receipt = try await chain.submit(.createNameContract(name: "by-chain"), by: user.key)
                return try #require(receipt.contract)
            }
            #expect(try await user.ledger.contract(contract.id, at: .best) == contract)
        }
    }
}
