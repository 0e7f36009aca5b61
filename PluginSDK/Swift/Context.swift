import JSON

/// What a provisioner works with while it serves one request: the node's services, made for one workload.
public struct Context: Sendable {
    public let host: any Host
    /// The workload that calls are made for; nil in `initialize`, commands and health checks.
    public let workload: String?
    /// The operator's settings for the plugin.
    public let settings: JSONValue
    /// The plugin's own folders by name.
    let folders: [String: Folder]

    /// - Parameter configuration: `{"settings": object, "folders": {name: {"path", "descriptor"}}}`.
    public init(host: any Host, workload: String? = nil, configuration: JSONValue = [:]) {
        self.host = host
        self.workload = workload
        settings = configuration["settings"] ?? [:]
        folders = Folder.all(in: configuration["folders"])
    }

    private init(_ other: Context, workload: String?) {
        host = other.host
        settings = other.settings
        folders = other.folders
        self.workload = workload
    }

    /// The same, with calls made for another workload of the plugin.
    public func acting(for workload: String?) -> Context { Context(self, workload: workload) }

    /// Asks a service of the node by its name; the typed ones are below.
    @discardableResult
    public func call(_ service: String, _ request: JSONObject = [:], descriptors: [Descriptor] = []) async throws
        -> HostReply
    {
        try await host.call(service, workload: workload, request: .object(request), descriptors: descriptors)
    }

    /// Throws `PluginError.invalid` with the message unless the condition holds.
    public func check(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard condition else { throw PluginError.invalid(message()) }
    }

    /// Writes to the node's log. Never put secrets into it.
    public func log(_ level: LogLevel, _ message: String) { host.log(level, message) }

    /// Shows the user how far a request is.
    public func progress(_ message: String) async throws { try await call("progress", ["message": .string(message)]) }

    /// What is known about the node.
    public func node() async throws -> NodeFacts { try NodeFacts(try await call("node.facts").payload) }

    /// A folder that the manifest asks for; throws if the manifest does not.
    public func folder(_ name: String) throws -> Folder {
        guard let folder = folders[name] else {
            throw PluginError.failed("the plugin has no folder \"\(name)\"; its manifest must ask for it")
        }
        return folder
    }

    public var namespaces: Namespaces { Namespaces(context: self) }
    public var segments: Segments { Segments(context: self) }
    public var links: Links { Links(context: self) }
    public var taps: Taps { Taps(context: self) }
    public var reservations: Reservations { Reservations(context: self) }
    public var companions: Companions { Companions(context: self) }
    public var listeners: Listeners { Listeners(context: self) }
    public var roots: Roots { Roots(context: self) }
    public var directories: Directories { Directories(context: self) }
    public var sockets: Sockets { Sockets(context: self) }
    public var secrets: Secrets { Secrets(context: self) }
    public var timers: Timers { Timers(context: self) }
    public var workloads: Workloads { Workloads(context: self) }
}

/// `{"created": bool}` of a reply.
extension HostReply {
    var created: Bool { payload["created"]?.boolValue ?? false }

    /// The one descriptor that a service promises.
    func descriptor(of service: String) throws -> Descriptor {
        guard let descriptor = descriptors.first else {
            throw PluginError.failed("the node answered \(service) without a descriptor")
        }
        return descriptor
    }
}

extension JSONObject {
    /// `{name: text}` without the members whose value is nil.
    init(_ texts: [(String, String?)]) {
        self.init(members: texts.compactMap { key, text in text.map { JSONMember(key: key, value: .string($0)) } })
    }
}
