import JSON

/// Everything that runs workloads, seen from the engine: which types there are, and what can be asked of them.
///
/// Errors are `HostingError`s. A retryable one says nothing about the workload (the worker died, is starting, …).
public protocol WorkloadHost: Sendable {
    /// The types that can be deployed now.
    func types() -> [HostedType]
    func type(named name: String) -> HostedType?
    /// The plugin's own judgement on data that schema, signatures and contract have passed. Throws `.invalid` with the text for the user.
    func validate(_ subject: Subject) async throws
    func capacity(type: String, data: JSONValue) async throws -> Capacity
    /// The names that this data refers to, by the manifest's pointers and the plugin's own word.
    func references(type: String, data: JSONValue) async throws -> [ReferenceDemand]
    func provision(_ subject: Subject, paused: Bool) async throws -> HostOutcome
    /// Looks after a workload that was provisioned before: by the plugin's own way, else by provisioning it again.
    func recover(_ subject: Subject, paused: Bool) async throws -> HostOutcome
    func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome
    func pause(_ subject: Subject) async throws -> HostOutcome
    func resume(_ subject: Subject) async throws -> HostOutcome
    func deprovision(_ subject: Subject) async throws
    /// Serves an RMB command that a manifest declares.
    func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws -> JSONValue
}

extension WorkloadHost {
    public func recover(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try await provision(subject, paused: paused)
    }
}

/// A workload type, as its manifest describes it.
public struct HostedType: Sendable {
    public let name: String
    public let plugin: String
    public let pluginVersion: String
    public let summary: String
    public let schema: JSONValue
    public let isShareable: Bool
    /// JSON pointers of members that may change in place; `""` stands for all of the data. Empty: no update.
    public let updatable: [String]
    public let isPausable: Bool
    public let references: [ReferenceDeclaration]
    public let exports: [String]
    /// The command that tells about one workload, for administrators; nil for none.
    public let info: String?
    /// Checks data against the compiled schema: nil, or what is wrong with it.
    public let violation: @Sendable (JSONValue) -> String?

    public init(
        name: String, plugin: String, pluginVersion: String, summary: String, schema: JSONValue, isShareable: Bool,
        updatable: [String], isPausable: Bool, references: [ReferenceDeclaration], exports: [String],
        info: String? = nil,
        violation: @escaping @Sendable (JSONValue) -> String?
    ) {
        self.name = name
        self.plugin = plugin
        self.pluginVersion = pluginVersion
        self.summary = summary
        self.schema = schema
        self.isShareable = isShareable
        self.updatable = updatable
        self.isPausable = isPausable
        self.references = references
        self.exports = exports
        self.info = info
        self.violation = violation
    }
}
