import Glibc

/// Runs blocking system calls on a thread of their own, so that they do not hold up other requests.
///
/// Meant for few and long ones (`fallocate`, `fsync`): each costs the start of a thread, about 50 µs.
public func offThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let job = Unmanaged.passRetained(Job { continuation.resume(with: Swift.Result(catching: body)) })
        var thread = pthread_t()
        // SAFETY: the thread takes over the retained job; on failure nobody else will.
        let code = pthread_create(&thread, nil, runJob, job.toOpaque())
        guard code == 0 else {
            job.release()
            return continuation.resume(
                throwing: PluginError.unavailable("cannot start a thread: \(String(cString: strerror(code)))"))
        }
        pthread_detach(thread)
    }
}

private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runJob(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    // SAFETY: balances the retain in offThread; this thread is the only receiver.
    Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
