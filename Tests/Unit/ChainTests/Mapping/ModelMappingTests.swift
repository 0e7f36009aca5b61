import Chain
import Contracts
import JSON
import Signatures
import Substrate
import TestVectors
import Testing

/// The grid's real metadata, read once.
private let grid = Result { try RuntimeMetadata(parsing: try VectorFile.bytes("tfchain-metadata.scale")) }

@Suite("The chain's values in the ledger's model")
struct ModelMappingTests {
    private static func contract() throws -> Contract {
        Contract(
            id: 42, twin: 7, state: .gracePeriod(block: 9),
            kind: .node(
                NodeContract(
                    node: 3, hash: try #require(ContractHash(text: "2cb568bc867aff488d124190a3db42d3")),
                    data: HexBytes([1, 2]), publicIPCount: 1,
                    publicIPs: [PublicIP(ip: "198.51.100.10/24", gateway: "198.51.100.1", contract: 42)])),
            solutionProvider: 5)
    }

    private static let node: Node = {
        var node = Node(
            id: 3, twin: 8,
            registration: NodeRegistration(
                farm: 1, resources: Resources(hru: 1, sru: 2, cru: 3, mru: 4),
                interfaces: [Interface(name: "zos", mac: "54:04:a6:ce:11:22", ips: ["192.168.1.10"])],
                serialNumber: "s"), created: 1_700_000_000)
        node.publicConfig = PublicConfig(
            ip4: .init(ip: "198.51.100.10/24", gateway: "198.51.100.1"),
            ip6: .init(ip: "2001:db8::2/64", gateway: "2001:db8::1"), domain: "gent01.example")
        return node
    }()

    /// Through the bytes that the chain would store.
    private func stored<Value: ChainMapped>(_ value: Value, _ pallet: String, _ item: String) throws -> Value {
        let metadata = try grid.get()
        let bytes = try metadata.registry.encode(value.tree, as: try metadata.storage(pallet, item).value)
        return try Value(try #require(try metadata.storageValue(pallet, item, bytes)))
    }

    @Test("contracts of every kind and state come back as they were")
    func contracts() throws {
        let contract = try Self.contract()
        for state in [
            ContractState.created, .gracePeriod(block: .max), .deleted(cause: .canceledByUser),
            .deleted(cause: .outOfFunds), .deleted(cause: .canceledByCollective),
        ] {
            for kind in [contract.kind, .name("my-app_01"), .rent(node: 4)] {
                let other = Contract(id: .max, twin: .max, state: state, kind: kind)
                #expect(try stored(other, "SmartContractModule", "Contracts") == other)
            }
        }
        #expect(try stored(contract, "SmartContractModule", "Contracts") == contract)
    }

    @Test("twins, nodes, farms, power and accounts come back as they were")
    func others() throws {
        let account = AccountID(try KeyPair(secretURI: "//Alice", scheme: .sr25519).publicKey)
        for twin in [
            Twin(id: 1, account: account),
            Twin(id: .max, account: account, relay: "a.example_b.example", pk: HexBytes([2])),
        ] { #expect(try stored(twin, "TfgridModule", "Twins") == twin) }
        #expect(try stored(Self.node, "TfgridModule", "Nodes") == Self.node)
        var farm = Farm(id: 1, name: "freefarm", twin: 2, publicIPs: [PublicIP(ip: "5.5.5.5/31", gateway: "5.5.5.4")])
        farm.certification = .gold
        farm.isDedicated = true
        #expect(try stored(farm, "TfgridModule", "Farms") == farm)
        let power = NodePower(state: .down(block: 5), target: .down)
        #expect(try stored(power, "TfgridModule", "NodePower") == power)
        let money = LedgerAccount(nonce: 4, free: 1_000)
        #expect(try stored(money, "System", "Account") == money)
    }

    @Test("a variant that is not known is kept by its name")
    func unknownVariants() throws {
        #expect(try ContractState(.variant("Suspended", .unsigned(1))) == .other(name: "Suspended"))
        #expect(try ContractKind(.variant("LeaseContract", .unit)) == .other("LeaseContract"))
        #expect(try NodePower.Target(.variant("Standby")).rawValue == "Standby")
        #expect(try NodePower.State(.variant("Standby")) == .other(name: "Standby"))
        let deleted = try ContractState(.variant("Deleted", .variant("Expired")))
        #expect(deleted.isDeleted)
        #expect(deleted == .deleted(cause: .init(rawValue: "Expired")))
    }

    @Test("a field that is not known is ignored; one that is needed and missing is an unsupported runtime, by name")
    func fields() throws {
        let contract = try Self.contract()
        guard case .fields(let fields) = contract.tree else { throw SubstrateError(.malformed, "no fields") }
        let more = ScaleValue.fields(fields + [ScaleField("colour", .unsigned(1))])
        #expect(try Contract(more) == contract)
        for missing in fields where missing.name != "version" {
            do throws(SubstrateError) {
                _ = try Contract(.fields(fields.filter { $0.name != missing.name }))
                Issue.record("a contract without \(missing.name) was read")
            } catch {
                #expect(error.code == .unsupportedRuntime)
                #expect(error.message.contains("Contract has no field \(missing.name)"))
            }
        }
        // The number tells nothing that the metadata does not: its absence and its value are no matter.
        #expect(try Contract(.fields(fields.filter { $0.name != "version" })).version == 4)
    }

    @Test("values of another shape are an unsupported runtime, and never a crash")
    func shapes() {
        let shapes: [ScaleValue] = [
            .unit, .bool(true), .unsigned(.max), .signed(-1), .wide([]), .text(""), .bytes([]), .bits([]), .list([]),
            .fields([]), .variant("x", .unit), .none, .fields([ScaleField("id", .bytes([1]))]),
        ]
        for shape in shapes {
            #expect(throws: SubstrateError.self) { try Twin(shape) }
            #expect(throws: SubstrateError.self) { try Node(shape) }
            #expect(throws: SubstrateError.self) { try Farm(shape) }
            #expect(throws: SubstrateError.self) { try Contract(shape) }
            #expect(throws: SubstrateError.self) { try NodePower(shape) }
            #expect(throws: SubstrateError.self) { try LedgerAccount(shape) }
            #expect(throws: SubstrateError.self) { try AccountID(shape) }
        }
    }

    @Test("events come back as they were, the errors of failed calls by name")
    func events() throws {
        let contract = try Self.contract()
        let metadata = try grid.get()
        let account = AccountID(try KeyPair(secretURI: "//Bob", scheme: .ed25519).publicKey)
        let farm = Farm(id: 1, name: "freefarm", twin: 2)
        let events: [LedgerEvent] = [
            .contractCreated(contract: contract), .contractUpdated(contract: contract),
            .nodeContractCanceled(contract: 1, node: 2, twin: 3), .nameContractCanceled(contract: 1),
            .rentContractCanceled(contract: 1), .contractGracePeriodStarted(contract: 1, node: 2, twin: 3, block: 4),
            .contractGracePeriodEnded(contract: 1, node: 2, twin: 3),
            .ipsFreed(contract: 1, ips: [PublicIP(ip: "a", gateway: "b")]),
            .contractBilled(contract: 1, timestamp: 2, amount: 3),
            .updatedUsedResources(resources: ContractResources(contract: 1, used: Resources(cru: 1))),
            .nruConsumptionReportReceived(report: TrafficReport(contract: 1, timestamp: 2, window: 3, nru: 4)),
            .twinStored(twin: Twin(id: 1, account: account)), .twinUpdated(twin: Twin(id: 1, account: account)),
            .farmStored(farm: farm), .farmUpdated(farm: farm), .nodeStored(node: Self.node),
            .nodeUpdated(node: Self.node), .nodeDeleted(node: 3),
            .nodePublicConfigStored(node: 3, config: Self.node.publicConfig),
            .nodePublicConfigStored(node: 3, config: nil), .nodeUptimeReported(node: 1, now: 2, uptime: 3),
            .powerTargetChanged(farm: 1, node: 2, target: .down),
            .powerStateChanged(farm: 1, node: 2, state: .down(block: 3)), .extrinsicSuccess,
            .extrinsicFailed(error: LedgerError(.contracts, "ContractIsNotUnique")),
        ]
        let written = try events.map {
            try #require(try $0.runtimeEvent(phase: .applyExtrinsic(1), metadata), "\($0)")
        }
        let read = try metadata.events(try metadata.encode(events: written))
        #expect(read.failure == nil)
        #expect(try read.records.map { try LedgerEvent($0, metadata) } == events)
        let foreign = RuntimeEvent(phase: .finalization, pallet: "Balances", name: "Deposit", fields: .unit)
        #expect(try LedgerEvent(foreign, metadata) == .other(name: "Balances.Deposit"))
    }

    @Test("calls come back as they were; calls that the ledger does not have are none")
    func calls() throws {
        let metadata = try grid.get()
        let hash = try #require(ContractHash(text: "2cb568bc867aff488d124190a3db42d3"))
        let calls: [LedgerCall] = [
            .createTwin(relay: "a.example", pk: nil), .updateTwin(relay: nil, pk: HexBytes([1])),
            .acceptTerms(document: "d", hash: "h"),
            .createFarm(name: "freefarm", ips: [PublicIP(ip: "5.5.5.5/31", gateway: "5.5.5.4")]),
            .addFarmIP(farm: 1, ip: "a", gateway: "b"), .removeFarmIP(farm: 1, ip: "a"),
            .createNode(node: Self.node.registration), .updateNode(node: 3, registration: Self.node.registration),
            .addNodePublicConfig(farm: 1, node: 3, config: Self.node.publicConfig), .changePowerState(isUp: false),
            .changePowerTarget(node: 3, target: .up), .reportUptime(uptime: 1, hint: 2), .deleteNodeFarm(node: 3),
            .createNodeContract(node: 3, hash: hash, data: HexBytes([1]), publicIPs: 1, solutionProvider: nil),
            .updateNodeContract(contract: 1, hash: hash, data: HexBytes([])), .createNameContract(name: "my-app"),
            .createRentContract(node: 3, solutionProvider: 4), .cancelContract(contract: 1),
            .reportContractResources(resources: [ContractResources(contract: 1, used: Resources())]),
            .addNRUReports(reports: [TrafficReport(contract: 1, timestamp: 2, window: 3, nru: 4)]),
        ]
        for call in calls {
            let bytes = try metadata.encode(call.runtimeCall)
            #expect(try LedgerCall(try metadata.call(bytes)) == call)
        }
        #expect(try LedgerCall(RuntimeCall("Balances", "transfer", ["value": .unsigned(1)])) == nil)
        #expect(try LedgerCall(RuntimeCall("TfgridModule", "create_entity")) == nil)
        #expect(throws: SubstrateError.self) { try LedgerCall(RuntimeCall("TfgridModule", "create_twin")) }
    }
}
