import Client
import Foundation
import JSON
import TestNode
import Testing

/// A node on which something already runs: `echo` and a disk, which nothing that goes wrong may touch.
struct Stage: Sendable {
    let node: RunningNode
    let user: NodeUser
    /// Under it `hello` (echo) and `kept` (a disk).
    let contract: UInt64
    private let before: [String]
    /// A folder that the operator gives to machines.
    static let root = String(#filePath.dropLast("/Stage.swift".count)) + "/demo/rootfs"

    init(_ node: RunningNode) async throws {
        self.node = node
        for plugin in ["echo", "network", "zmount", "publicip", "zmachine"] {
            try await node.waitForPlugin("org.zos.\(plugin)", "ready")
        }
        user = try node.user()
        contract = try await user.deployed([
            ["name": "hello", "type": "echo", "data": ["text": "still here"]],
            ["name": "kept", "type": "zmount", "data": ["size": 1_048_576]],
        ])
        before = try await Self.picture(user, contract)
    }

    /// Checks that what was accepted is as it was: text, results, history and the disk's file.
    func checkUntouched(_ location: SourceLocation = #_sourceLocation) async throws {
        let now = try await Self.picture(user, contract)
        #expect(now == before, sourceLocation: location)
        let live = try await user.client.deployments().map(\.contract)
        #expect(live == [contract], "nothing else was stored", sourceLocation: location)
    }

    /// Sends a deployment that must be refused, and returns the node's text.
    func refusal(_ text: String) async throws -> String {
        let refusal = try await user.refusal(text)
        try await checkUntouched()
        return refusal
    }

    /// The same for one workload of a deployment whose contract and signature are right.
    func refusal(of workload: JSONValue..., publicIPs: UInt32 = 0) async throws -> String {
        let deployment = try await user.contracted(user.deployment(workload), publicIPs: publicIPs)
        let refusal = try await refusal(deployment.json)
        try await user.builder.cancel(contract: deployment.contract)
        return refusal
    }

    /// Deploys what is accepted and then fails; returns the failures and waits until nothing of it is left.
    func failure(of workloads: JSONValue..., publicIPs: UInt32? = nil) async throws -> String {
        var value: JSONValue = ["workloads": .array(workloads)]
        if let publicIPs { value = ["public_ips": .number(JSONNumber(publicIPs)), "workloads": .array(workloads)] }
        let description = try DeploymentDescription(value)
        let known = Set(try await user.client.deployments().map(\.contract))
        var text = ""
        do {
            _ = try await user.builder.deploy(description, deadline: .seconds(60))
        } catch {
            text = error.message
        }
        for contract in try await user.client.deployments().map(\.contract) where !known.contains(contract) {
            try await user.builder.cancel(contract: contract)
            try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
        }
        try await checkUntouched()
        return text
    }

    private static func picture(_ user: NodeUser, _ contract: UInt64) async throws -> [String] {
        [try await user.client.deployment(contract: contract).json]
            + (try await user.client.changes(contract: contract).map(\.json))
    }
}

/// Gives a suite one node for all its tests.
struct OnStage: SuiteTrait, TestScoping {
    @TaskLocal private static var current: Stage?

    static func stage() throws -> Stage {
        guard let stage = current else { throw Programs.Failure("the suite lacks its stage") }
        return stage
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await RunningNode.with(options: ["--pool-size", "1073741824", "--root", Stage.root]) { node in
            try await Self.$current.withValue(try await Stage(node)) { try await function() }
        }
    }
}

extension Trait where Self == OnStage {
    static var onStage: OnStage { OnStage() }
}
