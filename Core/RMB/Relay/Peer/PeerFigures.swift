import Synchronization

/// What a peer counts, for metrics and tests.
public final class PeerFigures: Sendable {
    public struct Values: Sendable, Equatable {
        /// Envelopes that came in, whatever became of them.
        public var received = 0
        /// Envelopes that were handed to a relay.
        public var sent = 0
        public var refused: [EnvelopeRefusal.Reason: Int] = [:]
        /// Messages of ours that wait for a relay to be connected.
        public var waiting = 0
        /// Relays that are connected.
        public var connected = 0
    }

    private let state = Mutex(Values())

    public init() {}

    public var values: Values { state.withLock { $0 } }

    func received() { state.withLock { $0.received += 1 } }
    func sent() { state.withLock { $0.sent += 1 } }
    func refused(_ reason: EnvelopeRefusal.Reason) { state.withLock { $0.refused[reason, default: 0] += 1 } }
    func waiting(_ change: Int) { state.withLock { $0.waiting += change } }
    func connected(_ change: Int) { state.withLock { $0.connected += change } }
}
