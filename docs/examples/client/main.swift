import Client
import Contracts
import Foundation
import JSON
import RMB
import Signatures

do {
    // Who am I, where is the ledger, where is the node?
    let settings = try Settings(CommandLine.arguments)
    let key = try KeyPair(secretURI: settings.phrase, scheme: settings.scheme)
    let ledger = RemoteLedger(path: settings.ledger)

    // The ledger knows which twin the key belongs to. Nodes are reached at their addresses; `relays:` would name relays for others.
    let ways = GridWays(peers: [settings.node: settings.address])
    try await GridClient.run(key: key, on: ledger, ways: ways) { grid in
        // Ask a node about itself. Every call ends within its deadline.
        let node = grid.node(twin: settings.node).within(.seconds(20))
        let counters = try await node.statistics()
        print(
            "node \(settings.node) runs zos \(try await node.version().node), \(counters.free.memory >> 20) MiB are free"
        )
        print("it offers \(try await node.features().joined(separator: ", "))")
        if let health = try await node.performance(of: "healthcheck") {
            print("health at \(health.timestamp): \(health.result.text)")
        }

        // Deploy: checked against the node's schemas, hashed, contracted, signed, sent, followed.
        let description = try DeploymentDescription([
            "name": "example",
            "workloads": [["name": "greeting", "type": "echo", "data": ["text": "hello"]]],
        ])
        let deployments = try await grid.deployments(onTwin: settings.node) { event in
            if case .changed(let workload) = event { print("\(workload.name) is \(workload.result.state)") }
        }
        let deployed = try await deployments.deploy(description, deadline: .seconds(60))
        print("contract \(deployed.contract): \(deployed.workloads.first?.result.data?.compacted ?? "")")

        // Look at it again, change it, take it away.
        let history = try await node.changes(contract: deployed.contract)
        print("\(history.count) changes so far")
        let longer = try DeploymentDescription([
            "name": "example",
            "workloads": [["name": "greeting", "type": "echo", "data": ["text": "hello, grid"]]],
        ])
        let updated = try await deployments.update(contract: deployed.contract, to: longer)
        print("version \(updated.version): \(updated.workloads.first?.result.data?.compacted ?? "")")
        try await deployments.cancel(contract: deployed.contract)
        try await node.waitForRemoval(of: deployed.contract, deadline: .seconds(60))
        print("nothing is left")
    }
} catch {
    // What happened, and what to do about it.
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
