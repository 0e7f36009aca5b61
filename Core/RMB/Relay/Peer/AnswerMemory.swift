import Synchronization

/// The answers that were given lately, so that a request which comes again, because its answer may have been lost with
/// a relay, is answered again and not done again.
final class AnswerMemory: Sendable {
    struct Key: Hashable, Sendable {
        let twin: UInt32
        let digest: [UInt8]
    }

    enum Repeat: Sendable, Equatable {
        /// Its answer will go out by the relay through which it came last.
        case underWay
        /// The envelope that answered it.
        case answered([UInt8])
        /// Nothing is remembered.
        case forgotten
    }

    private struct Entry {
        var line: Int
        var answer: [UInt8]?
        /// Unix seconds.
        let deadline: Int64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// Keys in the order of their answers.
        var order: [Key] = []
        var bytes = 0
    }

    private let countLimit: Int
    private let byteLimit: Int
    private let state = Mutex(State())

    init(countLimit: Int = 512, byteLimit: Int = 8 << 20) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    func begin(_ key: Key, line: Int, deadline: Int64) {
        state.withLock { $0.entries[key] = Entry(line: line, answer: nil, deadline: deadline) }
    }

    /// - Returns: the relay through which the request came last.
    func finish(_ key: Key, _ answer: [UInt8]?, at now: UnixTime) -> Int? {
        state.withLock { state in
            guard let line = state.entries[key]?.line else { return nil }
            guard let answer, answer.count <= byteLimit / 4 else {
                state.entries[key] = nil
                return line
            }
            state.entries[key]?.answer = answer
            state.order.append(key)
            state.bytes += answer.count
            while let oldest = state.order.first,
                state.bytes > byteLimit || state.order.count > countLimit
                    || (state.entries[oldest]?.deadline ?? 0) <= now.seconds
            {
                state.order.removeFirst()
                state.bytes -= state.entries.removeValue(forKey: oldest)?.answer?.count ?? 0
            }
            return line
        }
    }

    /// What became of a request that comes again by this relay.
    func repeated(_ key: Key, line: Int) -> Repeat {
        state.withLock { state in
            guard let entry = state.entries[key] else { return .forgotten }
            state.entries[key]?.line = line
            return entry.answer.map(Repeat.answered) ?? .underWay
        }
    }
}
