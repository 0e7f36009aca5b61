import CHost

/// Why a worker is not running any more.
public struct WorkerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The core asked it to.
        case stopped
        /// Asked or not, it left by itself.
        case exited
        case crashed
        case outOfMemory
        case sandboxViolation
        case protocolViolation
        case deadlineExceeded
        /// It answered, that it cannot work.
        case unhealthy
        /// It did not come up; trying again may help.
        case notStarted
        /// It cannot come up as it is: wrong ABI, broken object.
        case incompatible
    }

    public let kind: Kind
    /// What happened, with the plugin's name.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// What a process's end means if nobody knows better.
    static func end(_ ended: zos_ended, plugin: String, wasAsked: Bool, outOfMemory: Bool) -> WorkerFailure {
        if outOfMemory { return WorkerFailure(.outOfMemory, "plugin \(plugin) used more memory than it may") }
        if ended.signal != 0 {
            return WorkerFailure(.crashed, "plugin \(plugin) crashed with signal \(ended.signal)")
        }
        if wasAsked && ended.code == 0 { return WorkerFailure(.stopped, "plugin \(plugin) was stopped") }
        return WorkerFailure(.exited, "plugin \(plugin) exited with code \(ended.code)")
    }

    /// As the error of a request that was open at the time, or came too late.
    var requestError: HostingError {
        switch kind {
        case .incompatible: HostingError(.incompatibleABI, message)
        case .sandboxViolation: HostingError(.sandboxViolation, message, isRetryable: true)
        case .protocolViolation: HostingError(.protocolViolation, message, isRetryable: true)
        case .deadlineExceeded: HostingError(.deadlineExceeded, message, isRetryable: true)
        case .notStarted: HostingError(.startFailed, message, isRetryable: true)
        case .stopped, .exited, .crashed, .outOfMemory, .unhealthy:
            HostingError(.notRunning, message, isRetryable: true)
        }
    }
}
