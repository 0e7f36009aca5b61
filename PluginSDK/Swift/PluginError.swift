/// Why a request was not served, for the user's eyes; also what a refused or failed service of the node throws.
public struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `ZOS_STATUS_*` of zos_plugin.h.
    public enum Status: Int32, Sendable {
        /// It was tried and failed.
        case failed = 1
        /// The request is wrong; trying again cannot help.
        case invalid = 2
        /// There is no such operation, type or service.
        case unsupported = 3
        /// The manifest does not entitle the plugin to it.
        case denied = 4
        /// Not now; trying again may help.
        case unavailable = 5
    }

    public let status: Status
    /// A stable word for programs.
    public let code: String
    /// What happened and what to do, with the names involved.
    public let message: String

    public init(_ status: Status, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    public static func failed(_ message: String) -> PluginError {
        PluginError(.failed, code: "failed", message: message)
    }
    public static func invalid(_ message: String) -> PluginError {
        PluginError(.invalid, code: "invalid", message: message)
    }
    public static func unsupported(_ message: String) -> PluginError {
        PluginError(.unsupported, code: "unsupported", message: message)
    }
    public static func unavailable(_ message: String) -> PluginError {
        PluginError(.unavailable, code: "unavailable", message: message)
    }

    public var description: String { message }
}
