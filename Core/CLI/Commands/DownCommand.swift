import ArgumentParser
import Foundation
import JSON

/// `zos down`.
struct DownCommand: ZosCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the development node; its workloads go on.",
        discussion: "With --remove, everything that is deployed is cancelled first, and networks and folder go too.")

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Cancel all deployments, then remove networks and folder.")
    var remove = false
    @Option(help: "Seconds to wait.")
    var timeout = 120

    func execute() async throws {
        let location = global.location
        let node = try location.node()
        let process = NodeProcess(id: node.process ?? 0)
        let isRunning = process.id > 0 && process.isNode(of: location.path)
        if remove {
            guard isRunning else {
                throw CommandError(
                    .unavailable, "the node of \(location.path) is not running, so its deployments cannot be cancelled",
                    hint: "start it with 'zos up', then remove it")
            }
            try await cancelAll(node)
            // It would outlive the node, as it does in a restart.
            _ = try await NodeControl(location).ask("overlay.end")
        }
        if isRunning { try await process.stop(patience: .seconds(timeout)) }
        if remove {
            DevelopmentNetwork(folder: node.namespaces).remove()
            try await MountedFolder.remove(location.path, below: location.path)
        }
        global.output.result(
            ["stopped": .bool(isRunning), "removed": .bool(remove)],
            text: remove ? "the node is gone" : isRunning ? "the node is stopped" : "the node was not running")
    }

    private func cancelAll(_ node: DevelopmentNode) async throws {
        for user in node.users {
            let session = try Session(global.location, user: user.name)
            let contracts = try await session.client.deployments().map(\.contract)
            for contract in contracts { try await session.builder().cancel(contract: contract) }
            for contract in contracts {
                try await session.client.waitForRemoval(of: contract, deadline: .seconds(timeout))
            }
        }
    }
}
