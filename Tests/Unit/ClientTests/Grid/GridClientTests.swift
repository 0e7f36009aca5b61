import Contracts
import Signatures
import Testing

@testable import Client

@Suite("Grid client")
struct GridClientTests {
    @Test("a key finds its twin, a node its twin or id, and a deployment goes through")
    func deploy() async throws {
        try await ClientFixture.with { fixture in
            let grid = try await fixture.grid()
            #expect(grid.identity.twin == 3)
            #expect(try await grid.node(id: 1).twin == 2)
            let deployments = try await grid.deployments(onTwin: 2)
            let deployed = try await deployments.deploy(ClientFixture.description(("a", "x")), deadline: .seconds(30))
            #expect(deployed.workloads.map(\.name) == ["a"])
            try await grid.deployments(onNode: 1).cancel(contract: deployed.contract)
            #expect(try await fixture.ledger.activeContracts(ofNode: 1, at: .best).isEmpty)
        }
    }

    @Test("a key without twin and a node that does not exist are named")
    func unknown() async throws {
        try await ClientFixture.with { fixture in
            let stranger = await failure {
                try await GridClient.identity(of: .generate(scheme: .ed25519), on: fixture.ledger)
            }
            #expect(stranger?.code == .invalid && stranger?.message.contains("has no twin") == true)
            let grid = try await fixture.grid()
            #expect(await failure { try await grid.node(id: 9) }?.message == "there is no node 9 on this network")
            #expect(
                await failure { try await grid.deployments(onTwin: 3) }?.message == "twin 3 is no node on this network")
        }
    }
}
