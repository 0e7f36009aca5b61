import JSON

/// A program that the node itself runs, in the same cage as the companions of plugins.
public struct NodeProgram: Sendable {
    /// Stands where companions have their plugin. No plugin's id is so short: ids have a dot.
    static let owner = "node"

    let identity: CompanionIdentity
    let specification: CompanionSpecification

    /// - Parameters:
    ///   - name: tells it from the node's other programs.
    ///   - specification: in the form of a manifest's element of `companions`, with slots of type `file` alone.
    /// - Throws: `badManifest` or `invalid`.
    public init(name: String, _ specification: JSONValue) throws(HostingError) {
        identity = try CompanionIdentity(plugin: Self.owner, instance: name)
        self.specification = try CompanionSpecification(parsing: specification)
    }
}

extension CompanionRunner {
    /// The folder that the program may write to.
    public nonisolated func folder(of program: NodeProgram) -> String { folder(program.identity).files }

    /// Starts a program of the node's unless it runs.
    ///
    /// What the operator says about companions is about plugins and does not apply. The node starts its programs again
    /// itself: the slots may hold secrets, which are not to be stored for a restart.
    /// - Parameter network: the namespace, if the specification has its network from a slot.
    /// - Returns: whether it was started now.
    /// - Throws: `startFailed` with the step; nothing is left running.
    public func start(
        _ program: NodeProgram, slots: JSONValue, network: OwnedDescriptor? = nil
    ) async throws -> Bool {
        let command = try CompanionCommand(
            program.specification, slots: slots, folder: folder(program.identity).files)
        var launch = CompanionLaunch(
            identity: program.identity, workload: nil, specification: program.specification, slots: slots,
            command: command)
        launch.network = network
        for request in command.descriptors {
            guard case .text(let text) = request else {
                throw HostingError(.invalid, "a program of the node gets texts alone")
            }
            launch.descriptors.append(try SealedText.file(text))
        }
        return try await start(launch).started
    }

    /// Ends a program of the node's and removes its folder; gone is success.
    public func remove(_ program: NodeProgram) async throws { try await delete(program.identity, workload: nil) }
}
