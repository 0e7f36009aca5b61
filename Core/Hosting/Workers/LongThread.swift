import CHost
import Glibc

/// A thread of its own for something that lives long and blocks.
enum LongThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts it. `body` ends when its owner makes it; nobody joins it. Signals are handled elsewhere.
    ///
    /// - Parameter name: at most 15 bytes.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(HostingError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        // SAFETY: the retain is balanced by the thread, or by the release below if there is none.
        let argument = Unmanaged.passRetained(Body(name, body))
        let failure = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                zos_block_signals()
                zos_name_thread(body.name)
                body.run()
                return nil
            }, argument.toOpaque())
        guard failure != 0 else { return }
        argument.release()
        throw HostingError(.unavailable, "the thread \(name) cannot be started (\(failure))", isRetryable: true)
    }
}

/// Wakes a thread that polls.
struct WakeUp: Sendable {
    private let descriptor: OwnedDescriptor

    init() throws(HostingError) {
        descriptor = OwnedDescriptor(taking: try checked(zos_event(), "make an event"))
    }

    var number: Int32 { descriptor.number }

    func ring() { zos_event_ring(number) }
    func clear() { zos_event_clear(number) }
}
