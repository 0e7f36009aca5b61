import Glibc

/// Why the kernel, or the message's shape, refused something.
public struct NetlinkError: Error, Sendable, CustomStringConvertible {
    /// The kernel's error number, positive (`EPERM`, `EEXIST`, …); `EBADMSG` for an answer that makes no sense.
    public let number: Int32
    /// What was tried, with the names involved.
    public let attempt: String
    /// The kernel's own words, where it gave any.
    public let detail: String?

    public init(_ number: Int32, _ attempt: String, detail: String? = nil) {
        self.number = number
        self.attempt = attempt
        self.detail = detail
    }

    public var description: String {
        var reason = "error \(number)"
        if let text = strerror(number) {
            // SAFETY: strerror returns a NUL-terminated text that is valid until the thread's next call.
            reason = String(cString: text)
        }
        return "cannot \(attempt): \(reason)" + (detail.map { " (\($0))" } ?? "")
    }

    func trying(_ attempt: String) -> NetlinkError {
        NetlinkError(number, attempt, detail: detail)
    }
}
