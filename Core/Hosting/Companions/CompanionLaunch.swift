import JSON

/// What is needed to start one instance, everything opened.
struct CompanionLaunch: Sendable {
    let identity: CompanionIdentity
    let workload: String?
    let specification: CompanionSpecification
    let slots: JSONValue
    let command: CompanionCommand
    /// One for each of `command.descriptors`.
    var descriptors: [OwnedDescriptor] = []
    /// For a network that comes from a slot.
    var network: OwnedDescriptor?
    /// Detached mounts for the mounts that come from a slot.
    var mounts: [String: OwnedDescriptor] = [:]
    /// Workloads whose exports it gets.
    var holds: [String] = []
    /// Earlier ends of the instance.
    var history = RestartHistory()
    /// Standard input; nothing by default.
    var input: OwnedDescriptor?
}

/// Names an instance: unique within its plugin.
struct CompanionIdentity: Sendable, Hashable {
    let plugin: String
    let instance: String

    /// - Throws: `invalid` unless both are names (see `CompanionText`).
    init(plugin: String, instance: String) throws(HostingError) {
        guard CompanionText.isName(plugin), CompanionText.isName(instance) else {
            throw HostingError(
                .invalid, "an instance is called by 1 to 64 of A-Z a-z 0-9 _ . -, beginning with neither . nor -")
        }
        self.plugin = plugin
        self.instance = instance
    }

    /// Neither part contains a slash.
    var key: String { "\(plugin)/\(instance)" }
}
