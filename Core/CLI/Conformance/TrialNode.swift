import Client
import Contracts
import Deployments
import Foundation
import Hosting
import JSON
import PluginTesting
import Synchronization

/// A real node of real programs, for the conformance kit: `zosd` with an embedded ledger, networks, keys and a folder of its own.
final class TrialNode: Sendable {
    let plugin: String
    let folder: TrialFolder
    let location: StateLocation
    let hostTraces: HostTraces
    /// The next version's folder, if there is one.
    let next: String?
    private let options: [String]
    private let held = Mutex<(first: Session, second: Session)?>(nil)

    private static let patience = Duration.seconds(60)

    /// Nothing is started yet.
    ///
    /// - Parameters:
    ///   - plugin: id of the plugin under test.
    ///   - roots: folders for roots of workloads.
    init(plugin: String, folder: TrialFolder, roots: [String], next: String?) {
        self.next = next
        self.plugin = plugin
        self.folder = folder
        location = StateLocation(option: folder.state, environment: [:])
        hostTraces = HostTraces(state: location.path)
        options =
            ["--plugins", folder.plugins, "--memory-reserve", "1", "--unsafe-faults", "--block-time", "100"]
            + (roots + [folder.root]).flatMap { ["--root", $0] }
    }

    /// Starts the node, for the first time or again, and waits until every plugin that is installed is ready.
    func start() async throws {
        try await TrialProgram.zos(["up", "--state", location.path] + options)
        let sessions = (
            first: try Session(location, user: DevelopmentFolder.user, patience: Self.patience),
            second: try Session(location, user: DevelopmentFolder.farmer, patience: Self.patience)
        )
        held.withLock { $0 = sessions }
        let end = ContinuousClock.now + Self.patience
        while true {
            let plugins = try await sessions.first.client.call("zos.plugin.list").arrayValue ?? []
            let own = plugins.first { $0["id"] == .string(plugin) }
            let isHopeless = own?["state"] == "failed" && own?["next_attempt"]?.isNull ?? true
            if own?["state"] == "refused" || isHopeless {
                throw CommandError(.invalid, own?["reason"]?.stringValue ?? "the plugin is refused")
            }
            if own?["state"] == "ready", !plugins.contains(where: { $0["state"] == "starting" }) { return }
            guard ContinuousClock.now < end else {
                throw CommandError(
                    .failed,
                    "plugin \(plugin) does not become ready: \(own?["state"]?.stringValue ?? "it is not installed") "
                        + (own?["reason"]?.stringValue ?? ""))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func stop() async throws { try await TrialProgram.zos(["down", "--state", location.path]) }

    /// Takes everything away, by force. Never throws.
    func remove() async {
        if let process = try? location.node().process { try? await ProcessTable.kill([process]) }  // It may not run.
        for _ in 0..<3 { try? await ProcessTable.kill(hostTraces.everyProcess()) }  // As far as it goes.
        DevelopmentNetwork(folder: location.path + "/netns").remove()
        try? MountedFolder.unmountAll(below: location.path)  // What stays shows in /tmp.
        hostTraces.removeGroups()
        folder.remove()
    }

    func session(_ user: ConformanceUser) throws -> Session {
        guard let sessions = held.withLock({ $0 }) else { throw CommandError(.unavailable, "the node is not started") }
        return user == .first ? sessions.first : sessions.second
    }

    /// What only tests may ask, as the farmer, who administrates a development node.
    func fault(_ command: String, _ arguments: JSONObject = [:]) async throws -> JSONValue {
        var arguments = arguments
        arguments["plugin"] = .string(plugin)
        return try await session(.second).client.call("zos.unsafe.faults.\(command)", .object(arguments))
    }

    /// A refusal by the node as such; everything else is trouble.
    static func judged<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as ClientError where error.code == .refused || error.code == .invalid {
            throw ConformanceRefusal(error.message)
        }
    }
}
