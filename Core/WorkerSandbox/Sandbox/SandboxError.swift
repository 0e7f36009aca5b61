import Glibc

/// The step of the worker's start that failed.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
    public let step: String
    public let code: Int32

    /// - Parameter code: a positive errno.
    public init(_ step: String, _ code: Int32) {
        self.step = step
        self.code = code
    }

    public var description: String {
        // SAFETY: strerror returns a constant text for known numbers; this process has one thread here.
        "\(step): \(strerror(code).map { String(cString: $0) } ?? "error") (\(code))"
    }
}
