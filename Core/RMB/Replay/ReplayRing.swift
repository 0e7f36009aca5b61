import Glibc

/// The mapped file behind a replay guard: a header of one page, then records of 32 bytes.
///
/// Header: magic and version, capacity, seconds before which nothing is known, the machine's boot id. Records are
/// written in order, round and round. A record counts once its expiry is there, which is written last.
struct ReplayRing: ~Copyable {
    private static let headerSize = 4096
    private static let magic: UInt64 = 0x7a6f_7372_706c_7901
    private static let idOffset = 24

    let notBefore: Int64
    private let capacity: Int
    private let descriptor: Int32
    // SAFETY: a private mapping object of this value, unmapped in `deinit`; every access is inside `length`.
    private let memory: UnsafeMutableRawPointer
    private let length: Int

    init(path: String, capacity: Int, machine: MachineStart, now: UnixTime) throws(RMBError) {
        precondition(capacity > 0, "a replay guard remembers at least one message")
        let length = Self.headerSize + capacity * ReplayRecord.size
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw RMBError(
                .configuration, "the replay memory \(path) is in use by another node; give each its own folder")
        }
        var status = stat()
        let isOurs = fstat(descriptor, &status) == 0 && status.st_size == off_t(length)
        // Blocks are reserved now: a disk that fills up later must not turn a write to the mapping into a signal.
        guard ftruncate(descriptor, isOurs ? off_t(length) : 0) == 0,
            posix_fallocate(descriptor, 0, off_t(length)) == 0,
            let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else {
            let failure = Self.failure("map", path)
            close(descriptor)
            throw failure
        }
        let isKnown =
            isOurs && memory.load(as: UInt64.self) == Self.magic
            && memory.load(fromByteOffset: 8, as: UInt64.self) == UInt64(capacity)
            && (0..<machine.id.count).allSatisfy {
                memory.load(fromByteOffset: Self.idOffset + $0, as: UInt8.self) == machine.id[$0]
            }
        if isKnown {
            notBefore = memory.load(fromByteOffset: 16, as: Int64.self)
        } else {
            // Nothing in it can be trusted. Magic last: a half-written header is read as none.
            memset(memory, 0, length)
            memory.storeBytes(of: UInt64(capacity), toByteOffset: 8, as: UInt64.self)
            memory.storeBytes(of: now.seconds, toByteOffset: 16, as: Int64.self)
            for (index, byte) in machine.id.enumerated() {
                memory.storeBytes(of: byte, toByteOffset: Self.idOffset + index, as: UInt8.self)
            }
            memory.storeBytes(of: Self.magic, as: UInt64.self)
            notBefore = now.seconds
        }
        self.capacity = capacity
        self.descriptor = descriptor
        self.memory = memory
        self.length = length
    }

    /// A ring without a file, for what never outlives the process.
    init(volatileCapacity capacity: Int) throws(RMBError) {
        let length = Self.headerSize + capacity * ReplayRecord.size
        guard let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw Self.failure("map", "in memory") }
        notBefore = .min
        self.capacity = capacity
        descriptor = -1
        self.memory = memory
        self.length = length
    }

    deinit {
        munmap(memory, length)
        if descriptor >= 0 { close(descriptor) }
    }

    func record(at index: Int) -> ReplayRecord {
        let offset = offset(of: index)
        let key = ReplayRecord.Key(
            source: memory.load(fromByteOffset: offset, as: UInt64.self),
            low: memory.load(fromByteOffset: offset + 8, as: UInt64.self),
            high: memory.load(fromByteOffset: offset + 16, as: UInt64.self))
        return ReplayRecord(key: key, expiry: memory.load(fromByteOffset: offset + 24, as: Int64.self))
    }

    func write(_ record: ReplayRecord, at index: Int) {
        let offset = offset(of: index)
        memory.storeBytes(of: 0, toByteOffset: offset + 24, as: Int64.self)
        memory.storeBytes(of: record.key.source, toByteOffset: offset, as: UInt64.self)
        memory.storeBytes(of: record.key.low, toByteOffset: offset + 8, as: UInt64.self)
        memory.storeBytes(of: record.key.high, toByteOffset: offset + 16, as: UInt64.self)
        memory.storeBytes(of: record.expiry, toByteOffset: offset + 24, as: Int64.self)
    }

    /// The stretch of the ring, oldest first, that holds every record not expired at that time.
    func liveRecords(at time: UnixTime) -> (first: Int, count: Int) {
        // Records were written in a row, but expire in any order: the stretch begins at the first live one after the
        // longest gap of dead ones, which is where writing stopped.
        let live = (0..<capacity).filter { record(at: $0).expiry >= time.seconds }
        guard let first = live.first, let last = live.last else { return (0, 0) }
        var start = first
        var gap = first + capacity - last
        for (left, right) in zip(live, live.dropFirst()) where right - left > gap {
            gap = right - left
            start = right
        }
        return (start, capacity - gap + 1)
    }

    private func offset(of index: Int) -> Int {
        precondition((0..<capacity).contains(index), "the ring has no such record")
        return Self.headerSize + index * ReplayRecord.size
    }

    private static func failure(_ what: String, _ path: String) -> RMBError {
        RMBError(.configuration, "cannot \(what) the replay memory \(path): \(String(cString: strerror(errno)))")
    }
}
