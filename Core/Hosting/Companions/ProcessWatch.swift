@preconcurrency import Dispatch

/// Waits for one process to end without a thread of its own.
final class ProcessWatch: @unchecked Sendable {
    // SAFETY: a dispatch source may be used from any thread; the reference itself never changes.
    private let source: any DispatchSourceRead

    /// - Parameters:
    ///   - handle: a pidfd; kept open until nothing waits on it any more.
    ///   - body: called once, on a thread of Dispatch; must not block.
    init(_ handle: OwnedDescriptor, _ body: @escaping @Sendable () -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: handle.number)
        self.source = source
        // The cycle from the source to its handler and back ends with the cancellation.
        source.setEventHandler {
            source.cancel()
            body()
        }
        source.setCancelHandler { withExtendedLifetime(handle) {} }
        source.resume()
    }

    func cancel() { source.cancel() }
    deinit { source.cancel() }
}
