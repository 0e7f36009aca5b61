import Glibc

/// Runs blocking work on a thread made for it, which ends with it: what the work does to its thread (`setns`) hits
/// nobody else, and no cooperative thread waits.
public enum OwnThread {
    /// Checking a package recurses with the nesting of its schemas. Only what is used takes memory.
    private static let stackSize = 4 << 20

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    public static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let work = Work { continuation.resume(with: Swift.Result { try body() }) }
            let error = start(work)
            if error != 0 {
                continuation.resume(
                    throwing: HostingError(.unavailable, "no thread: \(systemText(error))", isRetryable: true))
            }
        }
    }

    private static func start(_ work: Work) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        // SAFETY: the reference taken here is given back by the thread, or below if there is none.
        let context = Unmanaged.passRetained(work)
        var thread = pthread_t()
        let error = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, context.toOpaque())
        if error != 0 { context.release() }
        return error
    }
}

/// The system's text for an errno.
func systemText(_ error: Int32) -> String { String(cString: strerror(error)) }

/// Passes a C function's result through, or throws if it is a negative errno.
@discardableResult
func checked(_ result: Int32, _ attempt: @autoclosure () -> String) throws(HostingError) -> Int32 {
    guard result < 0 else { return result }
    let isScarcity = [ENOSPC, EMFILE, ENFILE, ENOMEM, EAGAIN].contains(-result)
    throw HostingError(
        isScarcity ? .unavailable : .operationFailed, "cannot \(attempt()): \(systemText(-result))",
        isRetryable: isScarcity)
}

/// Passes a libc result through, or throws with `errno` if it is negative.
@discardableResult
func checkedErrno(_ result: Int32, _ attempt: @autoclosure () -> String) throws(HostingError) -> Int32 {
    try checked(result < 0 ? -errno : result, attempt())
}
