import Client
import Contracts
import Deployments
import Foundation
import JSON
import PluginTesting

extension TrialNode: ConformanceNode {
    func deploy(_ workloads: [JSONValue], as user: ConformanceUser) async throws -> UInt64 {
        let session = try session(user)
        return try await Self.judged {
            try await session.builder().deploy(Self.description(workloads, UUID().uuidString), deadline: nil).contract
        }
    }

    func update(_ contract: UInt64, to workloads: [JSONValue], as user: ConformanceUser) async throws {
        let session = try session(user)
        _ = try await Self.judged {
            try await session.builder().update(
                contract: contract, to: Self.description(workloads, UUID().uuidString), deadline: nil)
        }
    }

    func cancel(_ contract: UInt64, as user: ConformanceUser) async throws {
        try await session(user).builder().cancel(contract: contract)
    }

    func pause(_ contract: UInt64) async throws {
        try await RemoteLedger(path: location.node().admin).administrate(.startGrace(contract: contract))
    }

    func resume(_ contract: UInt64) async throws {
        try await RemoteLedger(path: location.node().admin).administrate(.endGrace(contract: contract))
    }

    func workloads(of contract: UInt64, as user: ConformanceUser) async throws -> [ConformanceWorkload]? {
        do {
            return try await session(user).client.deployment(contract: contract).workloads.map(Self.workload)
        } catch let error as ClientError where error.isNotFound {
            return nil
        }
    }

    func history(of contract: UInt64, as user: ConformanceUser) async throws -> [ConformanceWorkload] {
        try await session(user).client.changes(contract: contract).map(Self.workload)
    }

    func plan(_ workloads: [JSONValue]) async throws {
        let session = try session(.first)
        _ = try await Self.judged {
            try await session.client.plan(Self.description(workloads, "").deployment(twin: session.identity.twin))
        }
    }

    func completes(_ type: String) -> Bool { HistoricTypes.all.contains { $0.name.utf8.elementsEqual(type.utf8) } }

    /// - Parameter text: a ledger takes a hash only once, so that equal deployments have to differ in something.
    private static func description(_ workloads: [JSONValue], _ text: String) throws -> DeploymentDescription {
        try DeploymentDescription([
            "name": "conformance", "description": .string(text), "workloads": .array(workloads),
        ])
    }

    private static func workload(_ workload: Workload) -> ConformanceWorkload {
        // The node's own text.
        let result = workload.result.data.flatMap { try? JSONValue(parsing: $0.compacted) } ?? .null
        return ConformanceWorkload(
            name: workload.name, type: workload.type, version: UInt64(workload.version),
            state: workload.result.state.rawValue, message: workload.result.message, result: result)
    }
}
