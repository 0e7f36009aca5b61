/// Counts what each sender sends in fixed windows of a minute, aligned to the Unix minute
/// (docs/spec/rmb-relay.md section 6).
struct RateWindows<Sender: Hashable> {
    private struct Window {
        var minute: UInt64
        var count: UInt64 = 0
        var bytes: UInt64 = 0
    }

    static var length: UInt64 { 60 }
    /// Senders remembered; those of earlier minutes are forgotten when it is reached.
    private static var sizeLimit: Int { 1 << 16 }

    private let limit: RateLimit?
    private var windows: [Sender: Window] = [:]

    /// - Parameter limit: nil for none.
    init(limit: RateLimit?) { self.limit = limit }

    /// Whether an envelope of `size` bytes may pass.
    ///
    /// One that is larger than the limit itself is refused without being counted; others are counted first and compared
    /// then, so those that are refused count as well.
    mutating func admit(_ sender: Sender, size: Int, at now: UInt64) -> Bool {
        guard let limit else { return true }
        let size = UInt64(clamping: size)
        guard size <= limit.bytes else { return false }
        let minute = now / Self.length
        if windows[sender] == nil, windows.count >= Self.sizeLimit {
            windows = windows.filter { $0.value.minute == minute }
            // More senders in one minute than can be told apart: those that come now have to wait for the next.
            guard windows.count < Self.sizeLimit else { return false }
        }
        var window = windows[sender] ?? Window(minute: minute)
        if window.minute != minute { window = Window(minute: minute) }
        window.count = window.count.addingReportingOverflow(1).partialValue
        let (bytes, overflows) = window.bytes.addingReportingOverflow(size)
        window.bytes = overflows ? .max : bytes
        windows[sender] = window
        return window.count <= limit.count && window.bytes <= limit.bytes
    }
}
