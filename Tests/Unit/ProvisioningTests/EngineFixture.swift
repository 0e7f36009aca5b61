import Deployments
import Foundation
import Hosting
import JSON
import Logging
import Provisioning
import Signatures
import Synchronization

/// An engine on a store of its own, with a fake host and a fake ledger.
struct EngineFixture {
    let folder: String
    let host = FakeHost()
    let gate = FakeGate()
    let key = KeyPair.generate(scheme: .ed25519)
    let twin: UInt32 = 7

    init() throws {
        folder = NSTemporaryDirectory() + "engine-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    var keys: FakeKeys { FakeKeys(keys: [twin: key.publicKey]) }

    /// Runs `body` with an engine that works, then ends it; the store stays, so that another can follow.
    func withEngine<T: Sendable>(
        memory: UInt64 = 64 << 30, storage: UInt64 = .max, ownerCheck: (any OwnerCheck)? = nil,
        _ body: (Engine) async throws -> T
    ) async throws -> T {
        let store = try DeploymentStore(path: folder + "/node.db")
        let settings = EngineSettings(
            node: 3, admission: MemoryAdmission(total: memory), storage: storage, memoryInUse: { 0 },
            now: { Int64(Date().timeIntervalSince1970) }, typeOrder: ["disk", "net", "machine"],
            retryDelays: [.milliseconds(1), .milliseconds(1)], removalRetrySeconds: 0, ownerCheck: ownerCheck)
        let engine = Engine(
            store: store, host: host, gate: gate, settings: settings,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await engine.load()
        let running = Task { await engine.run() }
        let outcome: Result<T, any Error>
        do {
            outcome = .success(try await body(engine))
        } catch {
            outcome = .failure(error)
        }
        running.cancel()
        host.abandon()
        await running.value
        return try outcome.get()
    }

    func deployment(
        _ workloads: [JSONValue], version: UInt32 = 0, contract: UInt64 = 12, twin: UInt32? = nil
    ) throws -> [UInt8] {
        let json: JSONValue = [
            "version": .number(JSONNumber(version)), "twin_id": .number(JSONNumber(twin ?? self.twin)),
            "contract_id": .number(JSONNumber(contract)), "metadata": "", "description": "", "expiration": 0,
            "signature_requirement": [
                "requests": [["twin_id": .number(JSONNumber(self.twin)), "required": false, "weight": 1]],
                "weight_required": 1, "signatures": [], "signature_style": "",
            ],
            "workloads": .array(workloads),
        ]
        var deployment = try Deployment(parsing: Array(json.text.utf8), policy: .received)
        let challenge = try deployment.challenge()
        deployment.signatureRequirement.sign(hash: challenge.hash, as: self.twin, with: key)
        gate.set(contract, challenge.hex)
        return Array(deployment.json.utf8)
    }

    func workload(_ name: String, _ type: String, _ data: JSONValue, version: UInt32 = 0) -> JSONValue {
        [
            "version": .number(JSONNumber(version)), "name": .string(name), "type": .string(type), "data": data,
            "metadata": "", "description": "",
        ]
    }

    /// Waits until the engine has nothing to do; polling has a deadline.
    func idle(_ engine: Engine) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while await !engine.isIdle {
            guard ContinuousClock.now < deadline else { throw FixtureTimeout() }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func states(_ engine: Engine, contract: UInt64 = 12) async throws -> [String: String] {
        let json = try JSONValue(parsing: try await engine.get(contract: contract, caller: twin))
        var states: [String: String] = [:]
        for workload in json["workloads"]?.arrayValue ?? [] {
            states[workload["name"]?.stringValue ?? ""] = workload["result"]?["state"]?.stringValue
        }
        return states
    }

    /// "name version state" of each entry.
    func history(_ engine: Engine, contract: UInt64 = 12) async throws -> [String] {
        let json = try JSONValue(parsing: try await engine.changes(contract: contract, caller: twin))
        return (json.arrayValue ?? []).map { entry in
            "\(entry["name"]?.stringValue ?? "") \(entry["version"]?.intValue ?? -1) \(entry["result"]?["state"]?.stringValue ?? "")"
        }
    }
}

struct FixtureTimeout: Error {}

struct FakeKeys: TwinKeys {
    let keys: [UInt32: PublicKey]
    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        keys[twin].map { .found($0) } ?? .absent
    }
}

/// Contracts by id with the hash that they carry.
final class FakeGate: AcceptanceGate {
    private let hashes = Mutex<[UInt64: String]>([:])
    private let isDown = Mutex(false)

    func set(_ contract: UInt64, _ hash: String?) { hashes.withLock { $0[contract] = hash } }
    func setDown(_ value: Bool) { isDown.withLock { $0 = value } }

    func contract(_ contract: UInt64, twin: UInt32, hash: String, previous: String?) async throws -> AcceptedTerms {
        if isDown.withLock({ $0 }) {
            throw Refusal(.unavailable, "failed to get deployment contract: ledger unreachable")
        }
        guard hashes.withLock({ $0[contract] }) == hash else {
            throw Refusal(.contract, "contract hash does not match deployment hash")
        }
        return AcceptedTerms(reserved: [["ip": "198.51.100.10/24", "gateway": "198.51.100.1"]], isPaused: false)
    }

    func reinstallation(_ contract: UInt64, twin: UInt32) async throws -> AcceptedTerms {
        if isDown.withLock({ $0 }) {
            throw Refusal(.unavailable, "failed to get deployment contract: ledger unreachable")
        }
        return AcceptedTerms(reserved: [], isPaused: false)
    }
}
