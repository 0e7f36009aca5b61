import Contracts
import Deployments
import JSON
import Logging
import Provisioning
import Signatures
import TestChain
import TestLedger
import Testing

@testable import Node

/// docs/spec/ledger.md section 10, case 12: what a node does does not tell which ledger it is on.
@Suite("A node's trace on each ledger", .timeLimit(.minutes(10)))
struct LedgerTraceTests {
    @Test("the same requests and changes of contracts are accepted, refused, paused, resumed and removed alike")
    func traces() async throws {
        var traces: [[String]] = []
        for face in Face.all {
            let trace = TraceLog()
            try await LedgerFixture.with(face) { fixture in
                try await TracedNode(fixture, trace: trace).running { try await Self.act($0, fixture) }
            }
            traces.append(trace.lines)
        }
        let first = try #require(traces.first)
        for (face, trace) in zip(Face.all, traces) { #expect(trace == first, "\(face.name)") }
        // Whatever the reasons read like, this is what has to come out.
        #expect(
            first.map { String($0.prefix { $0 != ":" }) } == [
                "refused", "accepted", "provision", "refused", "refused", "refused", "refused", "accepted", "update",
                "pause", "accepted", "provision", "pause", "resume", "deprovision", "deprovision",
            ], "\(first)")
    }

    /// Each step waits for what the one before has led to, so that the order is the node's own.
    private static func act(_ node: TracedNode, _ fixture: LedgerFixture) async throws {
        let (ledger, user) = (fixture.ledger, fixture.user)
        try await node.deploy(node.deployment("none", contract: 77))
        let first = try await node.contracted("first", by: user)
        try await node.deploy(first)
        try await node.settled("provision", 1)

        try await node.deploy(node.deployment("another", contract: first.contract))
        _ = try await ledger.submit(
            .createNode(node: NodeRegistration(farm: 1, resources: LedgerFixture.hardware)), by: fixture.farmer)
        try await node.deploy(node.contracted("elsewhere", by: user, node: 2))
        try await node.deploy(node.contracted("stolen", by: fixture.other))
        let name = try #require(try await ledger.submit(.createNameContract(name: "name"), by: user).contract)
        try await node.deploy(node.deployment("name", contract: name.id))

        let second = try node.deployment("second", contract: first.contract, version: 1)
        let hash = try #require(ContractHash(text: try second.challenge().hex))
        _ = try await ledger.submit(
            .updateNodeContract(contract: first.contract, hash: hash, data: HexBytes([])), by: user)
        try await node.update(second)
        try await node.settled("update", 1)
        _ = try await fixture.administrate(.startGrace(contract: first.contract))
        try await node.settled("pause", 1)

        let graced = try await node.contracted("graced", by: user)
        _ = try await fixture.administrate(.startGrace(contract: graced.contract))
        try await node.deploy(graced)
        try await node.settled("pause", 2)
        _ = try await fixture.administrate(.endGrace(contract: first.contract))
        try await node.settled("resume", 1)
        for (count, contract) in [first.contract, graced.contract].enumerated() {
            _ = try await ledger.submit(.cancelContract(contract: contract), by: user)
            try await node.settled("deprovision", count + 1)
        }
        try await node.isEmpty()
    }
}
