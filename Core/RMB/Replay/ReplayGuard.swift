import Synchronization

/// Remembers which messages were taken in, so that none is taken twice (`docs/spec/rmb-direct.md` section 4).
///
/// A message is known by its source and challenge digest, never by its signature, until it is too old anyway. The
/// memory is a ring in a mapped file: it survives the death of the process without any sync. It does not survive the
/// machine, so what is dated before the boot, or before the file was made, is refused.
public final class ReplayGuard: Sendable {
    /// What is to be done with a message.
    public enum Admission: Sendable, Equatable {
        case fresh
        /// Taken in before: answer as then, do nothing.
        case repeated
        /// Nobody can say any more whether it was taken in before.
        case unknowable
        /// No room for more until older messages expire.
        case full
    }

    private struct Memory: ~Copyable {
        var ring: ReplayRing
        var known: Set<ReplayRecord.Key>
        /// The oldest record that is still remembered, and how many there are.
        var oldest: Int
        var count: Int
    }

    private let memory: Mutex<Memory>
    /// Messages dated earlier are refused.
    private let notBefore: Int64
    private let capacity: Int

    /// Opens or makes the file.
    /// - Parameters:
    ///   - path: the file; the folder must exist. Nobody else may have it open.
    ///   - capacity: messages that can be remembered at once. They stay for up to 120 seconds.
    ///   - machine: which start of the machine this is.
    /// - Throws: `configuration` when the file cannot be used.
    public init(
        path: String, capacity: Int = 1 << 18, machine: MachineStart = .current(),
        clock: WallClock = UnixTime.now
    ) throws(RMBError) {
        let now = clock()
        let ring = try ReplayRing(path: path, capacity: capacity, machine: machine, now: now)
        notBefore = max(ring.notBefore, machine.time.seconds)
        self.capacity = capacity
        let live = ring.liveRecords(at: now)
        var memory = Memory(ring: ring, known: [], oldest: live.first, count: live.count)
        for offset in 0..<live.count {
            let record = memory.ring.record(at: (live.first + offset) % capacity)
            if record.expiry > now.seconds { memory.known.insert(record.key) }
        }
        self.memory = Mutex(memory)
    }

    /// A guard that forgets with the process: for tools and tests, not for a node.
    public init(volatileCapacity capacity: Int) throws(RMBError) {
        notBefore = .min
        self.capacity = capacity
        memory = Mutex(
            Memory(ring: try ReplayRing(volatileCapacity: capacity), known: [], oldest: 0, count: 0))
    }

    /// Decides about a message and remembers it if it is fresh.
    /// - Parameters:
    ///   - now: when it was sent, in Unix seconds; found neither too old nor too early.
    ///   - deadline: until when it would be accepted; a minute after `now` for direct messages.
    func admit(
        source: UInt32, digest: [UInt8], now: Int64, deadline: Int64? = nil, clock: UnixTime
    ) -> Admission {
        guard now >= notBefore else { return .unknowable }
        let record = ReplayRecord(
            key: ReplayRecord.Key(source: source, digest: digest), expiry: deadline ?? now + Freshness.window)
        return memory.withLock { memory in
            if memory.known.contains(record.key) { return .repeated }
            while memory.count > 0 {
                let oldest = memory.ring.record(at: memory.oldest)
                guard oldest.expiry < clock.seconds else { break }
                memory.known.remove(oldest.key)
                memory.oldest = (memory.oldest + 1) % capacity
                memory.count -= 1
            }
            guard memory.count < capacity else { return .full }
            memory.ring.write(record, at: (memory.oldest + memory.count) % capacity)
            memory.count += 1
            memory.known.insert(record.key)
            return .fresh
        }
    }
}
