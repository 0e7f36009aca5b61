import Signatures
import Synchronization

/// Answers that wait for callers without a bus (`docs/spec/rmb-direct.md` section 8). Bounded in number per twin, in
/// all, and in bytes; an answer goes 60 seconds after its first delivery, or 30 minutes after the request.
public final class ProxyQueue: Sendable {
    private struct Entry {
        let message: MessageKey
        /// Deliveries of the message that are not decided about, and the one that was taken in.
        var holders = 1
        var expiry: Int64
        /// The signed answer in its JSON form.
        var answer: [UInt8]?
        var isDelivered = false
    }

    /// What a message is known by: its sender and its challenge digest.
    struct MessageKey: Sendable, Hashable {
        let twin: UInt32
        let digest: [UInt8]
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var names: [MessageKey: String] = [:]
        var waiting: [UInt32: Int] = [:]
        var bytes = 0
        var nextSweep: Int64 = 0
    }

    private static let lifetime: Int64 = 1800
    private static let lifetimeAfterDelivery: Int64 = 60
    private let limits: Limits
    private let state = Mutex(State())

    /// How much may wait.
    public struct Limits: Sendable {
        public var perTwin: Int
        public var total: Int
        public var bytes: Int

        public init(perTwin: Int = 64, total: Int = 4096, bytes: Int = 64 << 20) {
            self.perTwin = perTwin
            self.total = total
            self.bytes = bytes
        }
    }

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Makes room for the answer to one request. The same message again shares the room that is there: clients of old
    /// repeat theirs within a second and wait under whatever name they heard last.
    ///
    /// Every call is followed by `cancel` unless its message was taken in.
    /// - Returns: the name under which it can be fetched, which is the only secret that protects it; nil if too many
    ///   wait already.
    func open(for message: MessageKey, at time: UnixTime) -> String? {
        let twin = message.twin
        return state.withLock { state in
            if let name = state.names[message], let entry = state.entries[name], entry.expiry > time.seconds {
                state.entries[name]?.holders += 1
                return name
            }
            sweep(&state, at: time, isForced: state.entries.count >= limits.total || state.bytes >= limits.bytes)
            if state.waiting[twin, default: 0] >= limits.perTwin { sweep(&state, at: time, isForced: true) }
            guard state.waiting[twin, default: 0] < limits.perTwin, state.entries.count < limits.total,
                state.bytes < limits.bytes
            else { return nil }
            if let expired = state.names[message] { remove(expired, from: &state) }
            let name = UUIDText.random()
            state.entries[name] = Entry(message: message, expiry: time.seconds + Self.lifetime)
            state.names[message] = name
            state.waiting[twin, default: 0] += 1
            return name
        }
    }

    /// Gives up a delivery that was not taken in after all. The room stays for another delivery of the same message.
    func cancel(_ name: String) {
        state.withLock { state in
            guard let entry = state.entries[name] else { return }
            if entry.holders > 1 { state.entries[name]?.holders -= 1 } else { remove(name, from: &state) }
        }
    }

    /// Puts an answer where its caller looks for it. Dropped if nobody waits any more.
    func store(_ answer: [UInt8], under name: String) {
        state.withLock { state in
            guard state.entries[name] != nil else { return }
            state.entries[name]?.answer = answer
            state.bytes += answer.count
        }
    }

    /// The answers under a name, newest first; empty while there is none. Reading does not remove them at once.
    func answers(under name: String, at time: UnixTime) -> [[UInt8]] {
        state.withLock { state in
            sweep(&state, at: time, isForced: false)
            guard var entry = state.entries[name], entry.expiry > time.seconds, let answer = entry.answer else {
                return []
            }
            if !entry.isDelivered {
                entry.isDelivered = true
                entry.expiry = min(entry.expiry, time.seconds + Self.lifetimeAfterDelivery)
                state.entries[name] = entry
                // A fetched answer no longer counts against its twin, only against the total.
                forget(entry.message.twin, in: &state)
            }
            return [answer]
        }
    }

    /// How many requests and answers are held.
    public var count: Int { state.withLock { $0.entries.count } }

    /// A message as it waits in the queue: the payload decoded to text, dated and signed by this node. nil if the
    /// payload is no base64.
    static func rendered(_ message: RMBMessage, key: KeyPair, at time: UnixTime) -> RMBMessage? {
        guard let payload = Base64.decode(message.data) else { return nil }
        var message = message
        message.data = String(decoding: payload, as: UTF8.self)
        message.sign(with: key, at: time)
        return message
    }

    private func sweep(_ state: inout State, at time: UnixTime, isForced: Bool) {
        guard isForced || time.seconds >= state.nextSweep else { return }
        state.nextSweep = time.seconds + 5
        for (name, entry) in state.entries where entry.expiry <= time.seconds { remove(name, from: &state) }
    }

    private func remove(_ name: String, from state: inout State) {
        guard let entry = state.entries.removeValue(forKey: name) else { return }
        state.names[entry.message] = nil
        state.bytes -= entry.answer?.count ?? 0
        if !entry.isDelivered { forget(entry.message.twin, in: &state) }
    }

    private func forget(_ twin: UInt32, in state: inout State) {
        let left = state.waiting[twin, default: 1] - 1
        state.waiting[twin] = left > 0 ? left : nil
    }
}
