import Contracts
import Signatures
import TestChain
import TestLedger
import Testing

/// docs/spec/ledger.md section 10, cases 1 to 8 and 10, through the protocol, on each face.
@Suite("Ledger rules")
struct LedgerRulesTests {
    private func create(_ hash: ContractHash, node: UInt32 = 1, ips: UInt32 = 0) -> LedgerCall {
        .createNodeContract(node: node, hash: hash, data: HexBytes([]), publicIPs: ips, solutionProvider: nil)
    }

    @Test("ids count from 1 in one counter for all kinds, and a failed call uses none", arguments: Face.all)
    func ids(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let ledger = fixture.ledger
            #expect(try await ledger.twinID(of: AccountID(fixture.user.publicKey), at: .best) == 3)
            #expect(try await ledger.nodeID(ofTwin: 2, at: .best) == 1)
            #expect(try await ledger.nodes(ofFarm: 1, at: .best) == [1])
            let first = try await fixture.contract(fixture.hash("a"))
            #expect(first.id == 1)
            await fixture.expect("NodeNotExists", create(fixture.hash("b"), node: 9), by: fixture.user)
            await fixture.expect("FarmHasNotEnoughPublicIPs", create(fixture.hash("b"), ips: 4), by: fixture.user)
            let name = try await ledger.submit(.createNameContract(name: "my-name"), by: fixture.user)
            #expect(name.contract?.id == 2)
            #expect(try await ledger.contractID(name: "my-name", at: .best) == 2)
            #expect(try await ledger.contract(99, at: .best) == nil)
            #expect(try await ledger.twin(99, at: .best) == nil)
        }
    }

    @Test("node and hash are unique until the contract is cancelled", arguments: Face.all)
    func uniqueness(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let hash = fixture.hash("a")
            let first = try await fixture.contract(hash)
            await fixture.expect("ContractIsNotUnique", create(hash), by: fixture.other)
            #expect(try await fixture.ledger.contractID(node: 1, hash: hash, at: .best) == first.id)
            _ = try await fixture.ledger.submit(
                .createNode(node: NodeRegistration(farm: 1, resources: LedgerFixture.hardware)), by: fixture.farmer)
            let elsewhere = try await fixture.contract(hash, node: 2)
            #expect(elsewhere.id == 2)
            _ = try await fixture.ledger.submit(.cancelContract(contract: first.id), by: fixture.user)
            #expect(try await fixture.contract(hash, by: fixture.other).id == 3)
        }
    }

    @Test("an update moves the hash index and may overwrite another contract's entry", arguments: Face.all)
    func updateMovesTheIndex(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let (a, b, c) = (fixture.hash("a"), fixture.hash("b"), fixture.hash("c"))
            let first = try await fixture.contract(a)
            let second = try await fixture.contract(c)
            _ = try await fixture.ledger.submit(
                .updateNodeContract(contract: first.id, hash: b, data: HexBytes([1])), by: fixture.user)
            #expect(try await fixture.ledger.contractID(node: 1, hash: a, at: .best) == nil)
            #expect(try await fixture.ledger.contractID(node: 1, hash: b, at: .best) == first.id)
            _ = try await fixture.ledger.submit(
                .updateNodeContract(contract: first.id, hash: c, data: HexBytes([])), by: fixture.user)
            #expect(try await fixture.ledger.contractID(node: 1, hash: c, at: .best) == first.id)
            #expect(try await fixture.ledger.contract(second.id, at: .best)?.kind.node?.hash == c)
            #expect(try await fixture.contract(a).id == 3)
        }
    }

    @Test(
        "public addresses are taken in the farm's order and come back when the contract goes", arguments: Face.all)
    func publicAddresses(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let first = try await fixture.contract(fixture.hash("a"), ips: 2)
            let taken = try #require(first.kind.node?.publicIPs)
            #expect(taken.map(\.ip) == ["198.51.100.10/24", "198.51.100.11/24"])
            #expect(taken.allSatisfy { $0.contract == first.id })
            await fixture.expect("FarmHasNotEnoughPublicIPs", create(fixture.hash("b"), ips: 4), by: fixture.user)
            await fixture.expect("FarmHasNotEnoughPublicIPsFree", create(fixture.hash("b"), ips: 2), by: fixture.user)
            await fixture.expect("IpNotExists", .removeFarmIP(farm: 1, ip: "198.51.100.10/24"), by: fixture.farmer)
            let receipt = try await fixture.ledger.submit(.cancelContract(contract: first.id), by: fixture.user)
            let freed = taken.map { PublicIP(ip: $0.ip, gateway: $0.gateway) }
            #expect(receipt.events.contains(.ipsFreed(contract: first.id, ips: freed)))
            let next = try await fixture.contract(fixture.hash("b"), ips: 3)
            #expect(next.kind.node?.publicIPs.count == 3)
        }
    }

    @Test("only its twin changes a contract, only its node reports on it", arguments: Face.all)
    func ownership(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"))
            let update = LedgerCall.updateNodeContract(
                contract: contract.id, hash: fixture.hash("b"), data: HexBytes([]))
            await fixture.expect("TwinNotAuthorizedToUpdateContract", update, by: fixture.other)
            await fixture.expect(
                "TwinNotAuthorizedToCancelContract", .cancelContract(contract: contract.id), by: fixture.other)
            await fixture.expect("ContractNotExists", .cancelContract(contract: 77), by: fixture.user)
            let used = Resources(cru: 1, mru: 1 << 30)
            let report = [
                ContractResources(contract: 77, used: used), ContractResources(contract: contract.id, used: used),
            ]
            let receipt = try await fixture.ledger.submit(.reportContractResources(resources: report), by: fixture.node)
            #expect(receipt.events == [.updatedUsedResources(resources: report[1])])
            #expect(try await fixture.ledger.resources(ofContract: contract.id, at: .best) == used)
            await fixture.expect("NodeNotExists", .reportContractResources(resources: report), by: fixture.user)
            _ = try await fixture.ledger.submit(
                .createNode(node: NodeRegistration(farm: 1, resources: LedgerFixture.hardware)), by: fixture.farmer)
            await fixture.expect(
                "NodeNotAuthorizedToComputeReport", .reportContractResources(resources: report), by: fixture.farmer)
        }
    }

    @Test("a cancelled contract is absent, with its events in order in one block", arguments: Face.all)
    func cancel(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"), ips: 1)
            #expect(try await fixture.ledger.activeContracts(ofNode: 1, at: .best) == [contract.id])
            let receipt = try await fixture.ledger.submit(.cancelContract(contract: contract.id), by: fixture.user)
            #expect(try await fixture.ledger.contract(contract.id, at: .finalised) == nil)
            #expect(try await fixture.ledger.activeContracts(ofNode: 1, at: .best) == [])
            // The state of the block before still shows it.
            let before = ReadPoint.block(number: receipt.block.number - 1)
            #expect(try await fixture.ledger.contract(contract.id, at: before)?.id == contract.id)
            guard case .block(let block) = try await fixture.ledger.block(receipt.block.number) else {
                Issue.record("the block is not there")
                return
            }
            let freed = PublicIP(ip: "198.51.100.10/24", gateway: "198.51.100.1")
            let own = block.events.filter { $0.extrinsic == 1 }.map(\.event)
            #expect(
                own == [
                    .contractBilled(contract: contract.id, timestamp: block.reference.time / 1_000, amount: 0),
                    .ipsFreed(contract: contract.id, ips: [freed]),
                    .nodeContractCanceled(contract: contract.id, node: 1, twin: 3), .extrinsicSuccess,
                ])
        }
    }

    @Test(
        "grace starts, ends and expires, and a rent contract takes the node's contracts along", arguments: Face.all
    )
    func grace(face: Face) async throws {
        var settings = LedgerFixture.onDemand
        settings.graceBlocks = 3
        try await LedgerFixture.with(face, settings: settings) { fixture in
            let rent = try #require(
                try await fixture.ledger.submit(
                    .createRentContract(node: 1, solutionProvider: nil), by: fixture.user
                ).contract)
            let contract = try await fixture.contract(fixture.hash("a"))
            let name = try #require(
                try await fixture.ledger.submit(.createNameContract(name: "abc"), by: fixture.user).contract)
            let started = try await fixture.administrate(.startGrace(contract: rent.id))
            let block = UInt64(started.block.number)
            #expect(
                started.events == [
                    .contractGracePeriodStarted(contract: rent.id, node: 1, twin: 3, block: block),
                    .contractGracePeriodStarted(contract: contract.id, node: 1, twin: 3, block: block),
                ])
            #expect(try await fixture.ledger.contract(contract.id, at: .best)?.state == .gracePeriod(block: block))
            #expect(try await fixture.ledger.activeContracts(ofNode: 1, at: .best) == [contract.id])
            await fixture.expect(
                "CannotUpdateContractInGraceState",
                .updateNodeContract(contract: contract.id, hash: fixture.hash("b"), data: HexBytes([])),
                by: fixture.user)
            await fixture.expect("ContractIsNotUnique", create(fixture.hash("a")), by: fixture.user)
            let ended = try await fixture.administrate(.endGrace(contract: rent.id))
            #expect(ended.events.count == 2)
            #expect(try await fixture.ledger.contract(contract.id, at: .best)?.state == .created)

            let named = try await fixture.administrate(.startGrace(contract: name.id))
            #expect(
                named.events == [
                    .contractGracePeriodStarted(
                        contract: name.id, node: 0, twin: 3, block: UInt64(named.block.number))
                ])
            _ = try await fixture.administrate(.startGrace(contract: rent.id))
            #expect(try await fixture.administrate(.bill).events.isEmpty)
            for _ in 0..<3 { _ = try await fixture.administrate(.tick) }
            let expired = try await fixture.administrate(.bill).events
            #expect(expired.contains(.nameContractCanceled(contract: name.id)))
            #expect(
                expired.suffix(2) == [
                    .nodeContractCanceled(contract: contract.id, node: 1, twin: 3),
                    .rentContractCanceled(contract: rent.id),
                ])
            #expect(try await fixture.ledger.rentContract(ofNode: 1, at: .best) == nil)
        }
    }

    @Test("dedicated, rented and standby nodes refuse strangers' contracts", arguments: Face.all)
    func availability(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let ledger = fixture.ledger
            let call = create(fixture.hash("a"))
            _ = try await fixture.administrate(.setDedicated(farm: 1, isDedicated: true))
            await fixture.expect("NodeNotAvailableToDeploy", call, by: fixture.user)
            _ = try await ledger.submit(.createRentContract(node: 1, solutionProvider: nil), by: fixture.user)
            await fixture.expect(
                "NodeHasRentContract", .createRentContract(node: 1, solutionProvider: nil), by: fixture.other)
            await fixture.expect("NodeNotAvailableToDeploy", call, by: fixture.other)
            let contract = try await fixture.contract(fixture.hash("a"))
            let rent = try #require(try await ledger.rentContract(ofNode: 1, at: .best))
            await fixture.expect("NodeHasActiveContracts", .cancelContract(contract: rent), by: fixture.user)
            await fixture.expect(
                "NodeHasActiveContracts", .changePowerTarget(node: 1, target: .down), by: fixture.farmer)
            _ = try await ledger.submit(.cancelContract(contract: contract.id), by: fixture.user)
            _ = try await ledger.submit(.cancelContract(contract: rent), by: fixture.user)
            _ = try await ledger.submit(.changePowerTarget(node: 1, target: .down), by: fixture.farmer)
            _ = try await ledger.submit(.changePowerState(isUp: false), by: fixture.node)
            #expect(try await ledger.power(ofNode: 1, at: .best).isUp == false)
            await fixture.expect("NodeNotAvailableToDeploy", call, by: fixture.user)
            _ = try await ledger.submit(.createRentContract(node: 1, solutionProvider: nil), by: fixture.user)
        }
    }

    @Test("names of twins, farms and relays follow the rules", arguments: Face.all)
    func names(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            await fixture.expect("TwinWithPubkeyExists", .createTwin(relay: nil, pk: nil), by: fixture.user)
            for relay in ["", ".a", "a.", "a..b", "a b", String(repeating: "a", count: 1025)] {
                await fixture.expect("InvalidRelayAddress", .updateTwin(relay: relay, pk: nil), by: fixture.user)
            }
            _ = try await fixture.ledger.submit(
                .updateTwin(relay: "r1.grid_r2.grid", pk: HexBytes([1])), by: fixture.user)
            _ = try await fixture.ledger.submit(.updateTwin(relay: nil, pk: nil), by: fixture.user)
            #expect(try await fixture.ledger.twin(3, at: .best)?.relay == nil)
            await fixture.expect("FarmExists", .createFarm(name: "first", ips: []), by: fixture.user)
            await fixture.expect("FarmNameTooShort", .createFarm(name: "ab", ips: []), by: fixture.user)
            await fixture.expect("InvalidFarmName", .createFarm(name: "a b c", ips: []), by: fixture.user)
            let inside = PublicIP(ip: "10.0.0.2/24", gateway: "10.0.0.1")
            await fixture.expect("InvalidPublicIP", .createFarm(name: "mine", ips: [inside]), by: fixture.user)
            let far = PublicIP(ip: "198.51.100.10/24", gateway: "203.0.113.1")
            await fixture.expect("InvalidPublicIP", .createFarm(name: "mine", ips: [far]), by: fixture.user)
            await fixture.expect("NameNotValid", .createNameContract(name: "Upper"), by: fixture.user)
            let stranger = try KeyPair(secretURI: "//stranger", scheme: .ed25519)
            await fixture.expect("TwinNotExists", create(fixture.hash("a")), by: stranger)
        }
    }

    @Test("a nonce counts once: repeated and skipped ones are refused without a trace", arguments: Face.all)
    func nonces(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let genesis = try await fixture.ledger.genesisHash()
            func submit(_ nonce: UInt32, genesis: HexBytes, _ name: String) async -> CallRefusal.Code? {
                do {
                    try await fixture.view.submit(
                        .createNameContract(name: name), nonce, genesis, fixture.user)
                    return nil
                } catch CallFailure.refused(let refusal) {
                    return refusal.code
                } catch {
                    Issue.record("unexpected: \(error)")
                    return nil
                }
            }
            #expect(await submit(0, genesis: genesis, "one") == nil)
            let head = try await fixture.ledger.head(.best)
            #expect(await submit(0, genesis: genesis, "two") == .outdated)
            #expect(await submit(2, genesis: genesis, "two") == .future)
            #expect(await submit(1, genesis: HexBytes([UInt8](repeating: 1, count: 32)), "two") == .badProof)
            #expect(try await fixture.ledger.head(.best) == head)
            #expect(await submit(1, genesis: genesis, "two") == nil)
            // A failed call uses its nonce up.
            await fixture.expect("NameExists", .createNameContract(name: "two"), by: fixture.user)
            #expect(try await fixture.ledger.account(AccountID(fixture.user.publicKey), at: .best).nonce == 3)
        }
    }

    @Test("callers that share an account all get through", arguments: Face.all)
    func concurrentCalls(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        _ = try await fixture.ledger.submit(
                            .createNameContract(name: "name-\(index)"), by: fixture.user)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.ledger.account(AccountID(fixture.user.publicKey), at: .best).nonce == 4)
        }
    }
}
