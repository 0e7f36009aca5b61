import JSON

/// What a plugin asks of the node (docs/spec/plugin-protocol.md section 4).
public struct HostCall: Sendable {
    public let plugin: String
    public let service: String
    /// The workload that the call is made for; the node checks that it is the plugin's own.
    public let workload: String?
    public let request: JSONValue
    public let descriptors: [OwnedDescriptor]

    public init(
        plugin: String, service: String, workload: String?, request: JSONValue, descriptors: [OwnedDescriptor] = []
    ) {
        self.plugin = plugin
        self.service = service
        self.workload = workload
        self.request = request
        self.descriptors = descriptors
    }
}

/// The node's answer to a `HostCall`.
public struct HostAnswer: Sendable {
    public let status: PluginStatus
    public let payload: JSONValue
    public let descriptors: [OwnedDescriptor]

    public init(_ payload: JSONValue = .object([:]), descriptors: [OwnedDescriptor] = []) {
        status = .ok
        self.payload = payload
        self.descriptors = descriptors
    }

    public init(_ status: PluginStatus, code: String, message: String) {
        self.status = status
        payload = ["code": .string(code), "message": .string(message)]
        descriptors = []
    }
}

/// `ZOS_STATUS_*` of zos_plugin.h.
public enum PluginStatus: Int32, Sendable {
    case ok = 0
    case failed = 1
    case invalid = 2
    case unsupported = 3
    case denied = 4
    case unavailable = 5
}

/// Serves the calls of plugins. Implementations check every right themselves: the caller is hostile.
public protocol HostServices: Sendable {
    func serve(_ call: HostCall) async -> HostAnswer
}
