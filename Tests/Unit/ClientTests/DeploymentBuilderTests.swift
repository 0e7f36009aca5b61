import Contracts
import Deployments
import JSON
import Testing

@testable import Client

@Suite("Deployment builder")
struct DeploymentBuilderTests {
    @Test("a description becomes a contract, a signed deployment and running workloads, with every step reported")
    func deploy() async throws {
        try await ClientFixture.with { fixture in
            let deployment = try await fixture.builder.deploy(
                ClientFixture.description(("a", "x"), ("b", "y")), deadline: .seconds(5))
            let contract = try await fixture.ledger.contract(deployment.contract, at: .best)
            #expect(contract?.twin == 3)
            #expect(contract?.kind.node?.publicIPs.count == 1)
            #expect(
                fixture.events.all == [
                    "validated", "created", "accepted 0", "a init", "a ok", "b init", "b ok",
                ])
        }
    }

    @Test("a refused deployment leaves no contract behind, and the error says so")
    func refused() async throws {
        try await ClientFixture.with { fixture in
            fixture.node.state.withLock { $0.refusal = "no room" }
            let error = await failure { try await fixture.builder.deploy(ClientFixture.description(("a", "x"))) }
            #expect(error?.message == "no room" && error?.hint == "contract 1 was cancelled")
            let active = try await fixture.ledger.activeContracts(ofNode: 1, at: .best)
            #expect(active.isEmpty)
        }
    }

    @Test("without an answer the contract stays, since the node may have accepted, and the error says how to cancel")
    func lostAnswer() async throws {
        try await ClientFixture.with { fixture in
            fixture.node.state.withLock { $0.losesAnswers = true }
            let error = await failure { try await fixture.builder.deploy(ClientFixture.description(("a", "x"))) }
            #expect(error?.hint?.contains("zos cancel 1") == true)
            let active = try await fixture.ledger.activeContracts(ofNode: 1, at: .best)
            #expect(active == [1])
        }
    }

    @Test("data that breaks the type's schema is refused before anything is created")
    func invalidData() async throws {
        try await ClientFixture.with { fixture in
            let description = try DeploymentDescription([
                "workloads": [["name": "a", "type": "echo", "data": ["text": 1]]]
            ])
            let error = await failure { try await fixture.builder.deploy(description) }
            #expect(error?.code == .invalid && error?.message.contains("/text") == true)
            let active = try await fixture.ledger.activeContracts(ofNode: 1, at: .best)
            #expect(active.isEmpty)
        }
    }

    @Test("a failed workload is reported with its reason after the others ended, and the contract stays")
    func failedWorkload() async throws {
        try await ClientFixture.with { fixture in
            let error = await failure {
                try await fixture.builder.deploy(ClientFixture.description(("a", "fail"), ("b", "y")))
            }
            #expect(error?.code == .failed)
            #expect(error?.message == "echo 'a' is error: as asked")
            let active = try await fixture.ledger.activeContracts(ofNode: 1, at: .best)
            #expect(active == [1])
        }
    }

    @Test("an update touches what changed, keeps the versions of the rest, and waits for its own changes only")
    func update() async throws {
        try await ClientFixture.with { fixture in
            let first = try await fixture.builder.deploy(ClientFixture.description(("a", "x"), ("b", "y"), ("c", "z")))
            let second = try await fixture.builder.update(
                contract: first.contract, to: ClientFixture.description(("a", "x"), ("b", "new"), ("d", "w")))
            #expect(second.version == 1)
            #expect(second.workloads.map(\.version) == [0, 1, 1])
            #expect(
                fixture.events.all.suffix(9) == [
                    "validated", "updated", "accepted 1", "c init", "c deleted", "b init", "b ok", "d init", "d ok",
                ])
        }
    }

    @Test("an update that changes nothing sends nothing")
    func emptyUpdate() async throws {
        try await ClientFixture.with { fixture in
            let description = try ClientFixture.description(("a", "x"))
            let first = try await fixture.builder.deploy(description)
            let second = try await fixture.builder.update(contract: first.contract, to: description)
            #expect(second.version == 0)
            let commands = fixture.node.state.withLock { $0.commands }
            #expect(!commands.contains("zos.deployment.update"))
        }
    }

    @Test("a cancelled contract is gone from the ledger")
    func cancel() async throws {
        try await ClientFixture.with { fixture in
            let deployment = try await fixture.builder.deploy(ClientFixture.description(("a", "x")))
            try await fixture.builder.cancel(contract: deployment.contract)
            let active = try await fixture.ledger.activeContracts(ofNode: 1, at: .best)
            #expect(active.isEmpty)
        }
    }
}

/// The error of the body, if it is one of the client's.
func failure(_ body: () async throws -> some Sendable) async -> ClientError? {
    do {
        _ = try await body()
        Issue.record("an error was expected")
        return nil
    } catch {
        return error as? ClientError
    }
}
