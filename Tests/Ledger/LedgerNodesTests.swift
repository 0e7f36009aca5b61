import Contracts
import Signatures
import TestChain
import TestLedger
import Testing

/// docs/spec/ledger.md sections 5, 6 and 9, through the protocol, on each face.
@Suite("Ledger nodes and farms")
struct LedgerNodesTests {
    private func registration(farm: UInt32 = 1, _ change: (inout NodeRegistration) -> Void = { _ in })
        -> NodeRegistration
    {
        var registration = NodeRegistration(
            farm: farm, resources: LedgerFixture.hardware,
            location: Location(city: "Ghent", country: "Belgium", latitude: "51.05", longitude: "3.72"),
            interfaces: [Interface(name: "zos", mac: "00:00:5e:00:53:01", ips: ["192.0.2.1", "2001:db8::1"])],
            secureBoot: true, isVirtualized: true, serialNumber: "serial")
        change(&registration)
        return registration
    }

    @Test("a node is registered once, changed by its own twin only, and may move to another farm", arguments: Face.all)
    func registrationOfNodes(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let ledger = fixture.ledger
            let created = try await ledger.submit(.createNode(node: registration()), by: fixture.user)
            #expect(created.node?.id == 2)
            #expect(created.node?.registration == registration())
            #expect(created.events == [.nodeStored(node: try #require(created.node))])
            await fixture.expect("NodeWithTwinIdExists", .createNode(node: registration()), by: fixture.user)
            await fixture.expect("FarmNotExists", .createNode(node: registration(farm: 9)), by: fixture.other)
            for (error, change) in [
                ("InvalidSRUInput", { $0.resources.sru = 1 }), ("InvalidCRUInput", { $0.resources.cru = 0 }),
                ("InvalidMRUInput", { $0.resources.mru = 1 << 30 }),
                ("CityNameTooLong", { $0.location.city = String(repeating: "a", count: 59) }),
                ("CountryNameTooShort", { $0.location.country = "B" }),
                ("InvalidLatitudeInput", { $0.location.latitude = "90.5" }),
                ("InvalidLongitudeInput", { $0.location.longitude = "here" }),
            ] as [(String, (inout NodeRegistration) -> Void)] {
                await fixture.expect(error, .createNode(node: registration(change)), by: fixture.other)
            }
            let second = try await ledger.submit(.createFarm(name: "second", ips: []), by: fixture.user)
            #expect(second.farm?.id == 2)
            await fixture.expect(
                "NodeUpdateNotAuthorized", .updateNode(node: 2, registration: registration()), by: fixture.other)
            let moved = registration(farm: 2) { $0.isVirtualized = false }
            let receipt = try await ledger.submit(.updateNode(node: 2, registration: moved), by: fixture.user)
            let stored = try #require(try await ledger.node(2, at: .best))
            #expect(stored.registration == moved)
            #expect(receipt.events == [.nodeUpdated(node: stored)])
            #expect(try await ledger.nodes(ofFarm: 1, at: .best) == [1])
            #expect(try await ledger.nodes(ofFarm: 2, at: .best) == [2])
        }
    }

    @Test("a farm's addresses are added and removed by its twin only", arguments: Face.all)
    func addresses(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let add = LedgerCall.addFarmIP(farm: 1, ip: "203.0.113.5/24", gateway: "203.0.113.1")
            await fixture.expect("CannotUpdateFarmWrongTwin", add, by: fixture.user)
            let receipt = try await fixture.ledger.submit(add, by: fixture.farmer)
            let farm = try #require(try await fixture.ledger.farm(1, at: .best))
            #expect(farm.publicIPs.last == PublicIP(ip: "203.0.113.5/24", gateway: "203.0.113.1"))
            #expect(receipt.events == [.farmUpdated(farm: farm)])
            await fixture.expect("IpExists", add, by: fixture.farmer)
            _ = try await fixture.ledger.submit(.removeFarmIP(farm: 1, ip: "203.0.113.5/24"), by: fixture.farmer)
            await fixture.expect("IpNotExists", .removeFarmIP(farm: 1, ip: "203.0.113.5/24"), by: fixture.farmer)
            #expect(try await fixture.ledger.farm(1, at: .best)?.publicIPs.count == 3)
        }
    }

    @Test("power, uptime and public configuration are told by events", arguments: Face.all)
    func nodeEvents(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let ledger = fixture.ledger
            let config = PublicConfig(
                ip4: .init(ip: "203.0.113.2/24", gateway: "203.0.113.1"),
                ip6: .init(ip: "2001:db8::2/64", gateway: "2001:db8::1"), domain: "node.example")
            let set = LedgerCall.addNodePublicConfig(farm: 1, node: 1, config: config)
            await fixture.expect("CannotUpdateFarmWrongTwin", set, by: fixture.user)
            #expect(
                try await ledger.submit(set, by: fixture.farmer).events == [
                    .nodePublicConfigStored(node: 1, config: config)
                ])
            #expect(try await ledger.node(1, at: .best)?.publicConfig == config)
            let clear = LedgerCall.addNodePublicConfig(farm: 1, node: 1, config: nil)
            #expect(
                try await ledger.submit(clear, by: fixture.farmer).events == [
                    .nodePublicConfigStored(node: 1, config: nil)
                ])

            await fixture.expect(
                "UnauthorizedToChangePowerTarget", .changePowerTarget(node: 1, target: .down), by: fixture.user)
            #expect(
                try await ledger.submit(.changePowerTarget(node: 1, target: .down), by: fixture.farmer).events == [
                    .powerTargetChanged(farm: 1, node: 1, target: .down)
                ])
            let down = try await ledger.submit(.changePowerState(isUp: false), by: fixture.node)
            #expect(
                down.events == [.powerStateChanged(farm: 1, node: 1, state: .down(block: down.block.number))])
            #expect(try await ledger.submit(.changePowerState(isUp: false), by: fixture.node).events.isEmpty)
            #expect(
                try await ledger.power(ofNode: 1, at: .best)
                    == NodePower(state: .down(block: down.block.number), target: .down))

            let now = try await ledger.head(.best).time / 1_000
            let reported = try await ledger.submit(.reportUptime(uptime: 77, hint: now), by: fixture.node)
            #expect(
                reported.events == [
                    .nodeUptimeReported(node: 1, now: reported.block.time / 1_000, uptime: 77)
                ])
            await fixture.expect("InvalidTimestampHint", .reportUptime(uptime: 77, hint: now - 100), by: fixture.node)
            await fixture.expect(
                "TwinNotExists", .reportUptime(uptime: 1, hint: now), by: try LedgerFixture.key("nobody"))
        }
    }

    @Test("a node that is deleted takes its contracts along", arguments: Face.all)
    func deletion(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let ledger = fixture.ledger
            let contract = try await fixture.contract(fixture.hash("a"), ips: 1)
            await fixture.expect("FarmerNotAuthorized", .deleteNodeFarm(node: 1), by: fixture.user)
            let receipt = try await ledger.submit(.deleteNodeFarm(node: 1), by: fixture.farmer)
            #expect(receipt.events.contains(.nodeContractCanceled(contract: contract.id, node: 1, twin: 3)))
            #expect(receipt.events.last == .nodeDeleted(node: 1))
            #expect(try await ledger.node(1, at: .best) == nil)
            #expect(try await ledger.nodeID(ofTwin: 2, at: .best) == nil)
            #expect(try await ledger.nodes(ofFarm: 1, at: .best) == [])
            #expect(try await ledger.contract(contract.id, at: .best) == nil)
            #expect(try await ledger.farm(1, at: .best)?.publicIPs.allSatisfy { $0.contract == 0 } == true)
        }
    }

    @Test("traffic is reported for known contracts of the node", arguments: Face.all)
    func traffic(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            let contract = try await fixture.contract(fixture.hash("a"))
            let reports = [contract.id, 99].map { TrafficReport(contract: $0, timestamp: 5, window: 60, nru: 7) }
            let receipt = try await fixture.ledger.submit(.addNRUReports(reports: reports), by: fixture.node)
            #expect(receipt.events == [.nruConsumptionReportReceived(report: reports[0])])
            await fixture.expect("NodeNotExists", .addNRUReports(reports: reports), by: fixture.user)
            let name = try await fixture.ledger.submit(.createNameContract(name: "abc"), by: fixture.user)
            let wrong = TrafficReport(contract: try #require(name.contract?.id), timestamp: 5, window: 60, nru: 7)
            await fixture.expect("InvalidContractType", .addNRUReports(reports: [reports[0], wrong]), by: fixture.node)
        }
    }

    @Test("what was made is there after a restart, and ids go on", arguments: Face.all)
    func restart(face: Face) async throws {
        let folder = try Folder()
        let path = folder.path + "/ledger.db"
        let user = try LedgerFixture.key("user")
        do {
            let embedded = try EmbeddedLedger(
                path: path, genesis: try LedgerFixture.genesis(LedgerFixture.onDemand))
            try await face.open(embedded, folder) { view in
                _ = try await view.ledger.submit(.createNameContract(name: "kept"), by: user)
            }
        }
        try await face.open(try EmbeddedLedger(path: path), folder) { view in
            #expect(try await view.ledger.contractID(name: "kept", at: .finalised) == 1)
            let next = try await view.ledger.submit(.createNameContract(name: "next"), by: user)
            #expect(next.contract?.id == 2)
            #expect(next.block.number == 2)
        }
    }

    @Test("the version text and accepted terms are there for everybody", arguments: Face.all)
    func texts(face: Face) async throws {
        try await LedgerFixture.with(face) { fixture in
            #expect(try await fixture.ledger.versionText(at: .best) == "")
            _ = try await fixture.administrate(.setVersionText(text: #"{"safe":"1.0"}"#))
            #expect(try await fixture.ledger.versionText(at: .best) == #"{"safe":"1.0"}"#)
        }
    }

    @Test("terms have to be accepted before a twin is made, where the genesis says so", arguments: Face.all)
    func terms(face: Face) async throws {
        var settings = LedgerFixture.onDemand
        settings.requiresTerms = true
        var genesis = try LedgerFixture.genesis(settings)
        genesis.accounts = genesis.twins?.map { .init($0.account.id) }
        let folder = try Folder()
        let embedded = try EmbeddedLedger(path: folder.path + "/ledger.db", genesis: genesis)
        let stranger = try LedgerFixture.key("stranger")
        try await face.open(embedded, folder) { view in
            let create = LedgerCall.createTwin(relay: "r1.example_r2.example", pk: HexBytes([2, 3]))
            let failure = await #expect(throws: CallFailure.self) { try await view.ledger.submit(create, by: stranger) }
            #expect(failure?.errorName == "UserDidNotSignTermsAndConditions")
            _ = try await view.ledger.submit(.acceptTerms(document: "https://example/terms", hash: "ab"), by: stranger)
            let receipt = try await view.ledger.submit(create, by: stranger)
            #expect(receipt.twin?.id == 5)
            #expect(receipt.twin?.relay == "r1.example_r2.example")
            #expect(receipt.twin?.pk == HexBytes([2, 3]))
            #expect(receipt.twin?.account == AccountID(stranger.publicKey))
        }
    }
}
