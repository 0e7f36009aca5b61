import CHost
import Foundation
import Netlink

/// Runs work on a thread of its own inside a network namespace, so that no other thread ever changes place. Blocks.
enum NamespaceThread {
    private static let networkKind: Int32 = 0x4000_0000  // CLONE_NEWNET

    static func run<T: Sendable>(in namespace: Int32, _ body: @escaping @Sendable () throws -> T) throws -> T {
        let outcome = OutcomeBox<T>()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            outcome.result = Result {
                let entered = zos_setns(namespace, networkKind)
                guard entered == 0 else {
                    throw CommandError(
                        .failed, "cannot enter a network namespace: \(String(cString: strerror(-entered)))",
                        hint: "run 'zos up' as root")
                }
                return try body()
            }
            done.signal()
        }
        done.wait()
        guard let result = outcome.result else { throw CommandError(.failed, "the thread gave no result") }
        return try result.get()
    }

    /// Runs work with a route socket of that namespace.
    static func routes<T: Sendable>(
        in namespace: Int32, _ body: @escaping @Sendable (RouteNetlink) throws -> T
    ) throws -> T {
        try run(in: namespace) {
            let socket = try NetlinkProtocol.route.open()
            defer { close(socket) }
            return try body(RouteNetlink(descriptor: socket))
        }
    }

    /// Sets a kernel parameter below `net` in the calling thread's namespace.
    static func set(_ key: String, _ value: String) throws {
        let path = "/proc/sys/net/" + key
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandError(.failed, "cannot set \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard write(file, value, value.utf8.count) == value.utf8.count else {
            throw CommandError(.failed, "cannot set \(path) to \(value): \(String(cString: strerror(errno)))")
        }
    }
}

/// Carries a result from one thread to another.
private final class OutcomeBox<T>: @unchecked Sendable {
    // SAFETY: written by the thread before it signals, read by the caller after it was signalled.
    var result: Result<T, any Error>?
}
