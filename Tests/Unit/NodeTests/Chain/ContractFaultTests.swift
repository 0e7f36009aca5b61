import Contracts
import Testing

@testable import Node
@testable import Provisioning

@Suite("Contracts on a ledger that fails")
struct ContractFaultTests {
    @Test("a contract that appears late is waited for, and its deployment runs")
    func late() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("late")
            stage.ledger.change { $0.late = [deployment.contract] }
            try await stage.running(patience: .seconds(30)) { running in
                let accepted = Task { try await stage.deploy(deployment, on: running) }
                try await eventually("it was looked for twice") { stage.ledger.count.contractReads >= 2 }
                stage.ledger.change { $0.late = [] }
                try await accepted.value
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
            }
        }
    }

    @Test(
        "a contract that never appears is refused as not found, one that cannot be read as unavailable; neither leaves anything"
    )
    func never() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("never")
            try await stage.running { running in
                stage.ledger.change { $0.late = [deployment.contract] }
                let absent = await #expect(throws: Refusal.self) { try await stage.deploy(deployment, on: running) }
                #expect(absent?.code == .contract)
                stage.ledger.change { ($0.late, $0.isAway) = ([], true) }
                let away = await #expect(throws: Refusal.self) { try await stage.deploy(deployment, on: running) }
                #expect(away?.code == .unavailable)
                #expect(away?.message.hasPrefix("failed to get deployment contract: ") == true)
                #expect(await running.engine.contracts().isEmpty)
                #expect(await running.engine.isIdle)
                stage.ledger.change { $0.isAway = false }
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
            }
        }
    }

    @Test("a ledger that does not answer holds a request for a while only, and no other request at all")
    func stuck() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("stuck")
            try await stage.running(limit: .milliseconds(50)) { running in
                stage.ledger.change { $0.isStuck = true }
                let refusal = await #expect(throws: Refusal.self) { try await stage.deploy(deployment, on: running) }
                #expect(refusal?.code == .unavailable)
                #expect(await running.engine.isIdle)
                stage.ledger.change { $0.isStuck = false }
            }
        }
    }

    @Test("a contract that is cancelled while its deployment is checked is refused, and nothing stays")
    func cancelledWhileChecked() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("checked")
            stage.host.hold("validate")
            try await stage.running { running in
                let accepted = Task { try await stage.deploy(deployment, on: running) }
                try await eventually("its plugin is asked") { stage.host.isWaiting("validate") }
                try await stage.cancel(deployment.contract)
                try await stage.caughtUp(running)
                stage.host.release("validate")
                let refusal = await #expect(throws: Refusal.self) { try await accepted.value }
                #expect(refusal?.code == .contract)
                #expect(await running.engine.contracts().isEmpty)
                #expect(!stage.host.calls.contains("provision a"))
            }
        }
    }

    @Test("a contract that is cancelled while provisioning is removed as soon as that ends")
    func cancelledWhileProvisioning() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("provisioning")
            stage.host.hold("provision")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it is being provisioned") { stage.host.isWaiting("provision") }
                try await stage.cancel(deployment.contract)
                try await stage.caughtUp(running)
                #expect(await running.engine.contracts() == [deployment.contract])
                stage.host.release("provision")
                try await eventually("it is gone") { await running.engine.contracts().isEmpty }
                #expect(stage.host.calls.suffix(2) == ["provision a", "deprovision a"])
            }
        }
    }

    @Test("a contract that somebody updates on the ledger leaves what runs as it is, and decides what may follow")
    func updatedByOther() async throws {
        try await ChainStage.with { stage in
            let first = try await stage.deployment("first")
            let second = try await stage.deployment("second", contract: first.contract, version: 1)
            let third = try await stage.deployment("third", contract: first.contract, version: 1)
            try await stage.running { running in
                try await stage.deploy(first, on: running)
                try await eventually("it runs") { await stage.state(first.contract, on: running) == "ok" }
                // Another client of the user's, that has something else in mind.
                let hash = try #require(ContractHash(text: try second.challenge().hex))
                _ = try await stage.embedded.submit(
                    .updateNodeContract(contract: first.contract, hash: hash, data: HexBytes([])), by: stage.user)
                try await stage.caughtUp(running)
                #expect(await stage.state(first.contract, on: running) == "ok")
                let refusal = await #expect(throws: Refusal.self) {
                    try await running.engine.update(
                        Array(third.json.utf8), caller: ChainStage.twin, keys: running.keys)
                }
                #expect(refusal?.message == "contract hash does not match deployment hash")
                #expect(await stage.state(first.contract, on: running) == "ok", "a refused update ruins nothing")
                try await running.engine.update(Array(second.json.utf8), caller: ChainStage.twin, keys: running.keys)
                try await eventually("the update ran") { stage.host.calls.contains("update a") }
                #expect(!stage.host.calls.contains("deprovision a"))
            }
        }
    }

    @Test(
        "after hours without the ledger, with the blocks pruned meanwhile, nothing accepted is lost and nothing cancelled stays"
    )
    func outage() async throws {
        try await ChainStage.with { stage in
            let kept = try await stage.deployment("kept")
            let cancelled = try await stage.deployment("cancelled")
            let poor = try await stage.deployment("poor")
            try await stage.running { running in
                for deployment in [kept, cancelled, poor] { try await stage.deploy(deployment, on: running) }
                for deployment in [kept, cancelled, poor] {
                    try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                }
                try await stage.caughtUp(running)
                stage.ledger.change { $0.isAway = true }
                try await stage.cancel(cancelled.contract)
                try await stage.embedded.administrate(.startGrace(contract: poor.contract))
                try await stage.tick(50)
                #expect(await running.engine.contracts().count == 3)
                #expect(!stage.host.calls.contains { $0.hasPrefix("deprovision") || $0.hasPrefix("pause") })
                let head = try await stage.embedded.head(.best).number
                stage.ledger.change { ($0.isAway, $0.prunedThrough) = (false, head - 5) }
                try await eventually("the cancelled one is gone") {
                    await Set(running.engine.contracts()) == [kept.contract, poor.contract]
                }
                try await eventually("the other is paused") {
                    await stage.state(poor.contract, on: running) == "paused"
                }
                try await stage.caughtUp(running)
                #expect(await stage.state(kept.contract, on: running) == "ok")
                #expect(stage.host.calls.filter { $0.hasPrefix("deprovision") }.count == 1)
            }
        }
    }

    @Test("what was cancelled while the node was off is removed when it comes back")
    func off() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("off")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                try await stage.caughtUp(running)
            }
            try await stage.cancel(deployment.contract)
            try await stage.tick(3)
            stage.ledger.change { $0.isAway = true }
            try await stage.running { running in
                #expect(await running.engine.contracts() == [deployment.contract])
                stage.ledger.change { $0.isAway = false }
                try await eventually("it is gone") { await running.engine.contracts().isEmpty }
            }
        }
    }

    @Test("a deployment whose contract is not final yet survives every comparison")
    func notFinal() async throws {
        try await ChainStage.with { stage in
            try await stage.tick(10)
            stage.ledger.change { $0.finalityLag = 3 }
            let deployment = try await stage.deployment("young")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
            }
            // The comparison at this start waits for a block that is not older than the deployment.
            try await stage.running { running in
                try await stage.tick(2)
                #expect(await running.engine.contracts() == [deployment.contract])
                try await stage.tick(4)
                try await stage.caughtUpBehindFinality(running)
                #expect(await stage.state(deployment.contract, on: running) == "ok")
                #expect(!stage.host.calls.contains("deprovision a"))
            }
        }
    }

    @Test("an endpoint that is behind what was handled already removes nothing")
    func behind() async throws {
        try await ChainStage.with { stage in
            try await stage.tick(5)
            let before = try await stage.embedded.head(.best).number
            let deployment = try await stage.deployment("ahead")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                try await stage.caughtUp(running)
            }
            // Another endpoint, which has not seen the contract yet.
            let head = try await stage.embedded.head(.best).number
            stage.ledger.change { $0.behind = head - before }
            let reads = stage.ledger.count.heads
            try await stage.running { running in
                try await eventually("it was asked for its heads") { stage.ledger.count.heads >= reads + 3 }
                #expect(await running.engine.contracts() == [deployment.contract])
                stage.ledger.change { $0.behind = 0 }
                try await stage.tick(1)
                try await stage.caughtUp(running)
                #expect(await stage.state(deployment.contract, on: running) == "ok")
                #expect(!stage.host.calls.contains("deprovision a"))
            }
        }
    }

    @Test("a cancelled contract is removed only once that is final")
    func finalCancel() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("final")
            try await stage.tick(5)
            stage.ledger.change { $0.finalityLag = 3 }
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                try await stage.caughtUpBehindFinality(running)
                try await stage.cancel(deployment.contract)
                try await stage.tick(2)
                #expect(await running.engine.contracts() == [deployment.contract])
                try await stage.tick(1)
                try await eventually("it is gone") { await running.engine.contracts().isEmpty }
            }
        }
    }

    @Test("nothing is removed because of a contract that cannot be read, or a list that cannot")
    func unreadable() async throws {
        try await ChainStage.with { stage in
            let deployments = [try await stage.deployment("one"), try await stage.deployment("two")]
            try await stage.running { running in
                for deployment in deployments { try await stage.deploy(deployment, on: running) }
                for deployment in deployments {
                    try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                }
                let watcher = ContractWatcher(
                    ledger: stage.ledger, engine: running.engine, store: running.store, node: ChainStage.node, farm: 1,
                    now: { 0 }, log: stage.log)
                stage.ledger.change { $0.cannotList = true }
                await #expect(throws: LedgerUnavailable.self) { _ = try await watcher.compare() }
                let first = deployments[0].contract
                stage.ledger.change { ($0.cannotList, $0.unreadable) = (false, [first]) }
                #expect(try await watcher.compare() == ContractWatcher.incompleteSeconds)
                #expect(await running.engine.contracts().count == 2)
                #expect(!stage.host.calls.contains("deprovision a"))
                stage.ledger.change { $0.unreadable = [] }
                #expect(try await watcher.compare() == ContractWatcher.comparisonSeconds)
            }
        }
    }

    @Test("a grace period that began and ended while nobody looked pauses nothing")
    func pastGrace() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("rich again")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                stage.ledger.change { $0.isAway = true }
                try await stage.embedded.administrate(.startGrace(contract: deployment.contract))
                try await stage.embedded.administrate(.endGrace(contract: deployment.contract))
                stage.ledger.change { $0.isAway = false }
                try await stage.caughtUp(running)
                #expect(!stage.host.calls.contains("pause a"))
                #expect(await stage.state(deployment.contract, on: running) == "ok")
            }
        }
    }

    @Test("a contract in grace is accepted, installed and then paused; the end of grace resumes it")
    func acceptedInGrace() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("poor")
            try await stage.embedded.administrate(.startGrace(contract: deployment.contract))
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it is paused") {
                    await stage.state(deployment.contract, on: running) == "paused"
                }
                #expect(stage.host.calls.contains("provision a"))
                try await stage.embedded.administrate(.endGrace(contract: deployment.contract))
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
            }
        }
    }

    @Test("grace that begins, ends and begins again while a deployment is being made leaves it paused")
    func graceWhileProvisioning() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("unsteady")
            stage.host.hold("provision")
            try await stage.running { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it is being provisioned") { stage.host.isWaiting("provision") }
                for call in [AdministratorCall.startGrace, AdministratorCall.endGrace, AdministratorCall.startGrace] {
                    try await stage.embedded.administrate(call(deployment.contract))
                    try await stage.caughtUp(running)
                }
                stage.host.release("provision")
                try await eventually("everything is done") { await running.engine.isIdle }
                #expect(await stage.state(deployment.contract, on: running) == "paused")
                let calls = stage.host.calls.filter { !$0.hasPrefix("validate") }
                #expect(calls == ["provision a", "pause a", "resume a", "pause a"])
            }
        }
    }

    @Test("the grace period of a rent contract pauses every deployment of the node, and its own id is nobody's")
    func rent() async throws {
        try await ChainStage.with { stage in
            let rent = try #require(
                try await stage.embedded.submit(
                    .createRentContract(node: ChainStage.node, solutionProvider: nil), by: stage.user
                ).contract)
            let deployments = [try await stage.deployment("one"), try await stage.deployment("two")]
            try await stage.running { running in
                for deployment in deployments { try await stage.deploy(deployment, on: running) }
                for deployment in deployments {
                    try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                }
                try await stage.embedded.administrate(.startGrace(contract: rent.id))
                for deployment in deployments {
                    try await eventually("it is paused") {
                        await stage.state(deployment.contract, on: running) == "paused"
                    }
                }
                try await stage.embedded.administrate(.endGrace(contract: rent.id))
                for deployment in deployments {
                    try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                }
            }
        }
    }

    @Test("whether the node was rented when a deployment was accepted is remembered, over a restart too")
    func rented() async throws {
        try await ChainStage.with { stage in
            let before = try await stage.deployment("before")
            try await stage.running { running in try await stage.deploy(before, on: running) }
            try await stage.cancel(before.contract)
            try await stage.running { running in
                try await eventually("it is gone") { await running.engine.contracts().isEmpty }
            }
            let rent = try #require(
                try await stage.embedded.submit(
                    .createRentContract(node: ChainStage.node, solutionProvider: nil), by: stage.user
                ).contract)
            let during = try await stage.deployment("during")
            try await stage.running { running in try await stage.deploy(during, on: running) }
            try await stage.running { running in
                let stored = try await running.store.load()
                #expect(stored.deployments.map(\.rentContract) == [rent.id])
            }
        }
    }

    @Test("after a boot a deployment waits for the ledger, however long, and is then installed again")
    func reinstall() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("again")
            try await stage.running(boot: 1) { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                try await stage.caughtUp(running)
            }
            stage.ledger.change { $0.isAway = true }
            let before = stage.host.calls.count
            let asked = stage.ledger.count.contractReads
            try await stage.running(boot: 2) { running in
                try await eventually("the ledger was asked again and again") {
                    stage.ledger.count.contractReads >= asked + 3
                }
                #expect(stage.host.calls.count == before)
                #expect(await stage.state(deployment.contract, on: running) == "ok", "it keeps its state")
                stage.ledger.change { $0.isAway = false }
                try await eventually("it is installed") { stage.host.calls.count > before }
                try await eventually("nothing is left to do") { await running.engine.isIdle }
            }
            // The same boot once more: nobody is asked.
            stage.ledger.change { $0.isAway = true }
            let installed = stage.host.calls.count
            try await stage.running(boot: 2) { running in
                try await eventually("it is looked after") { stage.host.calls.count > installed }
            }
        }
    }

    @Test("a deployment whose contract went away while the machine was off is not installed again, but removed")
    func reinstallGone() async throws {
        try await ChainStage.with { stage in
            let deployment = try await stage.deployment("gone")
            try await stage.running(boot: 1) { running in
                try await stage.deploy(deployment, on: running)
                try await eventually("it runs") { await stage.state(deployment.contract, on: running) == "ok" }
                try await stage.caughtUp(running)
            }
            try await stage.cancel(deployment.contract)
            let before = stage.host.calls.count
            try await stage.running(boot: 2) { running in
                try await eventually("it is gone") { await running.engine.contracts().isEmpty }
                #expect(Array(stage.host.calls.dropFirst(before)) == ["deprovision a"])
            }
        }
    }
}

extension ChainStage {
    /// As `caughtUp`, for a ledger whose finalised head is behind.
    fileprivate func caughtUpBehindFinality(_ running: Running) async throws {
        let head = try await embedded.head(.best).number
        _ = try await embedded.submit(.updateTwin(relay: nil, pk: nil), by: user)
        try await tick(4)
        try await eventually("the watcher has reached block \(head)") {
            try await running.store.mark("ledger_block").map { $0 > Int64(head) } ?? false
        }
    }
}
