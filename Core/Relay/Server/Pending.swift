import NIOCore
import Synchronization

/// An answer that an event loop waits for. One that nobody gives is the answer for the end of the relay.
final class Pending<Value: Sendable>: Sendable {
    private let promise: EventLoopPromise<Value>
    private let fallback: Value
    private let isAnswered = Atomic(false)

    init(_ promise: EventLoopPromise<Value>, otherwise fallback: Value) {
        self.promise = promise
        self.fallback = fallback
    }

    deinit { answer(fallback) }

    /// Only the first answer counts.
    func answer(_ value: Value) {
        guard isAnswered.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        promise.succeed(value)
    }
}
