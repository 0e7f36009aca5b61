import Contracts
import Deployments
import Foundation
import JSON
import RMB
import Signatures
import Synchronization

@testable import Client

/// A node in memory that checks what a real one checks about contracts and signatures, and runs nothing. Workloads with
/// `"fail"` as their text end in an error; the bus can be told to fail.
final class FakeNode: RMBCaller {
    struct State {
        var deployment: Deployment?
        var history: [Workload] = []
        /// Refuse deploy and update with this.
        var refusal: String?
        /// Lose the answers to deploy and update.
        var losesAnswers = false
        /// How many calls of `changes` fail before one succeeds.
        var outages = 0
        var commands: [String] = []
    }

    let state = Mutex(State())
    private let ledger: any Ledger

    init(ledger: any Ledger) { self.ledger = ledger }

    func call(
        _ command: String, at twin: UInt32, payload: JSONValue, timeout: Duration
    ) async throws(RMBError) -> JSONValue {
        state.withLock { $0.commands.append(command) }
        switch command {
        case "zos.workload.describe": return ["schema": Self.schema]
        case "zos.deployment.plan": return ["workloads": [["name": "a", "capacity": ["ipv4u": 1]]]]
        case "zos.deployment.deploy", "zos.deployment.update": return try await take(payload)
        case "zos.deployment.get": return try json(state.withLock { $0.deployment }?.json ?? "null")
        case "zos.deployment.changes":
            let isOut = state.withLock { state in
                defer { state.outages -= 1 }
                return state.outages > 0
            }
            if isOut { throw RMBError(.unreachable, "no route", isRetryable: true) }
            let texts = state.withLock { $0.history.map(\.json) }
            return try json("[\(texts.joined(separator: ","))]")
        case "zos.network.list_wg_ports": return [1024, 1026]
        case "zos.network.public_config_get": throw RMBError(.remote, "no public configuration")
        default: throw RMBError(.remote, "function is not found")
        }
    }

    private static let schema: JSONValue = [
        "type": "object", "properties": ["text": ["type": "string"]], "required": ["text"],
    ]

    private func take(_ payload: JSONValue) async throws(RMBError) -> JSONValue {
        if let refusal = state.withLock({ $0.refusal }) { throw RMBError(.remote, refusal) }
        do {
            let deployment = try Deployment(parsing: Array(payload.text.utf8), policy: .received)
            let challenge = try deployment.challenge()
            try await deployment.signatureRequirement.verify(
                owner: deployment.twin, hash: challenge.hash, keys: LedgerTwinKeys(ledger: ledger))
            let contract = try await ledger.contract(deployment.contract, at: .best)
            guard contract?.kind.node?.hash == ContractHash(text: challenge.hex) else {
                throw RMBError(.remote, "contract hash does not match deployment hash")
            }
            state.withLock { run(deployment, in: &$0) }
        } catch {
            throw RMBError(.remote, "\(error)")
        }
        if state.withLock({ $0.losesAnswers }) { throw RMBError(.timedOut, "no answer", isRetryable: true) }
        return .null
    }

    private func run(_ deployment: Deployment, in state: inout State) {
        for old in state.deployment?.workloads ?? [] where deployment.workload(named: old.name) == nil {
            record(old, .deleted, in: &state)
        }
        for workload in deployment.workloads where workload.version == deployment.version {
            let fails = workload.data?.compacted.contains("\"fail\"") == true
            record(workload, fails ? .error : .ok, in: &state)
        }
        state.deployment = deployment
    }

    private func record(_ workload: Workload, _ outcome: WorkloadState, in state: inout State) {
        var workload = workload
        workload.result = WorkloadResult(created: 1, state: .initial)
        state.history.append(workload)
        workload.result = WorkloadResult(created: 1, state: outcome, message: outcome == .error ? "as asked" : "")
        state.history.append(workload)
    }

    private func json(_ text: String) throws(RMBError) -> JSONValue {
        do { return try JSONValue(parsing: text) } catch { throw RMBError(.badReply, "\(error)") }
    }
}

/// A ledger with farm, node 1 (twin 2) and the user's twin 3; a fake node; a builder between them.
struct ClientFixture: Sendable {
    let ledger: EmbeddedLedger
    let node: FakeNode
    let client: NodeClient
    let builder: DeploymentBuilder
    let events: Events
    /// The user's.
    let key: KeyPair

    func grid() async throws -> GridClient {
        let identity = try await GridClient.identity(of: key, on: ledger)
        return GridClient(identity: identity, ledger: ledger, caller: node)
    }

    final class Events: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ event: DeploymentBuilder.Event) { list.withLock { $0.append(Self.name(event)) } }
        var all: [String] { list.withLock { $0 } }

        private static func name(_ event: DeploymentBuilder.Event) -> String {
            switch event {
            case .validated: "validated"
            case .contractCreated: "created"
            case .contractUpdated: "updated"
            case .accepted(_, let version): "accepted \(version)"
            case .changed(let workload): "\(workload.name) \(workload.result.state)"
            case .contractCancelled: "cancelled"
            }
        }
    }

    static func with(_ body: (ClientFixture) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "client-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var settings = LedgerSettings()
        settings.production = .onDemand
        let keys = ["farmer", "node", "user"].map { _ in KeyPair.generate(scheme: .ed25519) }
        let ledger = try EmbeddedLedger(
            path: path + "/ledger.db",
            genesis: LedgerGenesis(
                settings: settings, twins: keys.map { .init(AccountID($0.publicKey)) },
                farms: [
                    .init(twin: 1, name: "first", ips: [PublicIP(ip: "198.51.100.10/24", gateway: "198.51.100.1")])
                ],
                nodes: [
                    .init(
                        twin: 2,
                        registration: NodeRegistration(
                            farm: 1, resources: Resources(sru: 1 << 40, cru: 4, mru: 8 << 30)))
                ]))
        let node = FakeNode(ledger: ledger)
        let events = Events()
        let client = NodeClient(caller: node, twin: 2)
        let builder = DeploymentBuilder(
            node: client, nodeID: 1, ledger: ledger, identity: RMBIdentity(twin: 3, key: keys[2])
        ) { events.add($0) }
        try await body(
            ClientFixture(ledger: ledger, node: node, client: client, builder: builder, events: events, key: keys[2]))
    }

    static func description(_ workloads: (String, String)...) throws -> DeploymentDescription {
        try DeploymentDescription([
            "name": "test",
            "workloads": .array(
                workloads.map { name, text in
                    ["name": .string(name), "type": "echo", "data": ["text": .string(text)]]
                }),
        ])
    }
}
