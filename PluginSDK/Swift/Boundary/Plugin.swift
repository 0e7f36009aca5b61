import JSON

/// What a plugin is: its name and what serves its types.
///
///     @c @implementation
///     public func zos_plugin_entry(_ hostABI: UInt32) -> UnsafePointer<zos_plugin>? {
///         Plugin.entry(hostABI) {
///             Plugin(id: "example.echo", version: "1.0.0", Serving("echo", by: EchoProvisioner()))
///         }
///     }
public struct Plugin: Sendable {
    /// As in the manifest.
    public let id: String
    /// As in the manifest.
    public let version: String
    private let servings: [Serving]

    public init(id: String, version: String, _ servings: Serving...) {
        self.id = id
        self.version = version
        self.servings = servings
    }

    /// The operations that at least one of its provisioners has.
    public var operations: Set<Operation> { Set(servings.flatMap(\.steps.keys)) }

    /// Serves one operation. The worker comes here through the C boundary, tests come directly.
    public func serve(_ operation: Operation, _ request: JSONValue, in context: Context) async throws -> JSONValue {
        switch operation {
        case .initialize:
            for serving in servings { _ = try await serving.steps[.initialize]?(request, context) }
            return [:]
        case .command:
            let name = try request.text("command")
            let serving = servings.first { $0.commands.contains { $0.utf8.elementsEqual(name.utf8) } }
            guard let step = serving?.steps[.command] else {
                throw PluginError.unsupported("plugin \(id) has no command \"\(name)\"")
            }
            return try await step(request, context)
        case .health: return try await health(request, context)
        case .metrics: return try await metrics(request, context)
        case .companionExited: return try await companionExited(request, context)
        case .timer: return try await timer(request, context)
        case .capacity, .references:
            return try await serving(try request.text("type"), operation)(request, context)
        case .validate, .provision, .update, .pause, .resume, .deprovision, .recover, .migrate:
            return try await serving(try (request["subject"] ?? .null).text("type"), operation)(request, context)
        }
    }

    /// One for a workload goes to what serves its type, one of the plugin's own to all that hear timers.
    private func timer(_ request: JSONValue, _ context: Context) async throws -> JSONValue {
        if let type = request["subject"]?["type"]?.stringValue {
            return try await serving(type, .timer)(request, context)
        }
        for serving in servings { _ = try await serving.steps[.timer]?(request, context) }
        return [:]
    }

    private func serving(_ type: String, _ operation: Operation) throws -> Serving.Step {
        guard let serving = servings.first(where: { $0.types.contains { $0.utf8.elementsEqual(type.utf8) } }) else {
            throw PluginError.unsupported("plugin \(id) does not serve the type \"\(type)\"")
        }
        if let step = serving.steps[operation] { return step }
        // Another type of the same plugin may have the ability; what it means not to have it is the same for all.
        switch operation {
        case .validate: return { _, _ in [:] }
        case .capacity: return { _, _ in Capacity().json }
        case .references: return { _, _ in ["references": []] }
        case .pause, .resume: return { _, _ in [:] }
        case .migrate: return { request, _ in ["state": (request["subject"] ?? .null)["state"] ?? .null] }
        case .recover: return serving.steps[.provision] ?? Self.lacking(operation, type)
        default: return Self.lacking(operation, type)
        }
    }

    private static func lacking(_ operation: Operation, _ type: String) -> Serving.Step {
        { _, _ in throw PluginError.unsupported("the type \"\(type)\" has no \(operation)") }
    }

    private func health(_ request: JSONValue, _ context: Context) async throws -> JSONValue {
        for serving in servings {
            guard let answer = try await serving.steps[.health]?(request, context) else { continue }
            if answer["healthy"]?.boolValue != true { return answer }
        }
        return Health.healthy.json
    }

    private func metrics(_ request: JSONValue, _ context: Context) async throws -> JSONValue {
        var all: [JSONValue] = []
        for serving in servings {
            all += try await serving.steps[.metrics]?(request, context).list("metrics") ?? []
        }
        return ["metrics": .array(all)]
    }

    private func companionExited(_ request: JSONValue, _ context: Context) async throws -> JSONValue {
        for serving in servings {
            guard let answer = try await serving.steps[.companionExited]?(request, context) else { continue }
            if answer["action"]?.stringValue != "none" { return answer }
        }
        return CompanionAction.none.json
    }
}
