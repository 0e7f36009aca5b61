import Signatures
import Synchronization
import Testing

@testable import RMB

@Suite("Cached twin directory")
struct CachedTwinDirectoryTests {
    private let twins = TestTwins()
    private let time = Clock()

    private final class Clock: Sendable { let now = Mutex(UnixTime(seconds: 1000)) }

    private func directory() -> CachedTwinDirectory {
        let time = time
        return CachedTwinDirectory(twins, clock: { time.now.withLock { $0 } })
    }

    private func pass(_ seconds: Int64) { time.now.withLock { $0 = UnixTime(seconds: $0.seconds + seconds) } }
    private var asked: Int { twins.state.withLock { $0.asked } }

    @Test("a record is remembered for five minutes")
    func lifetime() async throws {
        let record = TwinRecord(key: try twins.make(1).key.publicKey)
        twins.state.withLock { $0.records[1] = record }
        let directory = directory()
        for _ in 0..<3 { #expect(await directory.record(of: 1, freshness: .remembered) == .found(record)) }
        pass(299)
        _ = await directory.record(of: 1, freshness: .remembered)
        #expect(asked == 1)
        pass(1)
        _ = await directory.publicKey(of: 1, freshness: .remembered)
        #expect(asked == 2)
    }

    @Test("absent twins and outages are never remembered")
    func nothing() async throws {
        let directory = directory()
        #expect(await directory.record(of: 1, freshness: .remembered) == .absent)
        twins.state.withLock { $0.outage = "away" }
        #expect(await directory.record(of: 1, freshness: .remembered) == .unavailable("away"))
        twins.state.withLock { $0.outage = nil }
        let twin = try twins.make(1)
        #expect(await directory.publicKey(of: 1, freshness: .remembered) == .found(twin.key.publicKey))
        #expect(asked == 3)
    }

    @Test("while the ledger is away a record serves for an hour, and the ledger is not asked for each message")
    func outage() async throws {
        let record = TwinRecord(key: try twins.make(1).key.publicKey)
        twins.state.withLock { $0.records[1] = record }
        let directory = directory()
        _ = await directory.record(of: 1, freshness: .remembered)
        twins.state.withLock { $0.outage = "away" }
        pass(301)
        for _ in 0..<5 { #expect(await directory.record(of: 1, freshness: .remembered) == .found(record)) }
        #expect(asked == 2)
        #expect(await directory.record(of: 1, freshness: .current) == .unavailable("away"))
        pass(3298)
        #expect(await directory.record(of: 1, freshness: .remembered) == .found(record))
        pass(1)
        #expect(await directory.record(of: 1, freshness: .remembered) == .unavailable("away"))
    }

    @Test("a fresh look is had at most every ten seconds, so bad signatures are no ledger queries")
    func refresh() async throws {
        _ = try twins.make(1)
        let directory = directory()
        for _ in 0..<5 { _ = await directory.record(of: 1, freshness: .current) }
        #expect(asked == 1)
        pass(10)
        for _ in 0..<5 { _ = await directory.record(of: 1, freshness: .current) }
        #expect(asked == 2)
    }

    @Test("at most 500 records are kept, those used last")
    func size() async throws {
        let record = TwinRecord(key: try twins.make(0).key.publicKey)
        twins.state.withLock { state in for id in 0...500 { state.records[UInt32(id)] = record } }
        let directory = directory()
        for id in 0..<500 { _ = await directory.record(of: UInt32(id), freshness: .remembered) }
        _ = await directory.record(of: 0, freshness: .remembered)
        _ = await directory.record(of: 500, freshness: .remembered)
        #expect(asked == 501)
        _ = await directory.record(of: 0, freshness: .remembered)
        #expect(asked == 501)
        _ = await directory.record(of: 1, freshness: .remembered)
        #expect(asked == 502)
    }

    @Test("callers that miss the same twin share one request; a cancelled one leaves the others their answer")
    func shared() async throws {
        let source = HeldDirectory(record: TwinRecord(key: try twins.make(1).key.publicKey))
        let directory = CachedTwinDirectory(source, clock: { UnixTime(seconds: 1) })
        let first = Task { await directory.record(of: 1, freshness: .remembered) }
        try await eventually { source.asked == 1 }
        let others = (0..<10).map { _ in Task { await directory.record(of: 1, freshness: .remembered) } }
        // They can only wait for the first, or for the one that asks after it.
        first.cancel()
        source.release()
        guard case .unavailable = await first.value else {
            Issue.record("answered")
            return
        }
        for other in others { #expect(await other.value == .found(source.record)) }
        #expect(source.asked <= 3)
    }

    @Test("messages in the name of ever new twins ask the ledger for 64 at a time only")
    func flood() async throws {
        let source = HeldDirectory(record: TwinRecord(key: try twins.make(1).key.publicKey))
        let directory = CachedTwinDirectory(source, clock: { UnixTime(seconds: 1) })
        let tasks = (0..<64).map { id in Task { await directory.record(of: UInt32(id), freshness: .remembered) } }
        try await eventually { source.asked == 64 }
        guard case .unavailable = await directory.record(of: 99, freshness: .remembered) else {
            Issue.record("asked")
            return
        }
        source.release()
        for task in tasks { #expect(await task.value == .found(source.record)) }
        #expect(await directory.record(of: 99, freshness: .remembered) == .found(source.record))
    }

    @Test("what an event told replaces the record, also while the ledger is being asked")
    func stored() async throws {
        let old = TwinRecord(key: try twins.make(1).key.publicKey)
        let new = TwinRecord(key: old.key, relay: "other")
        twins.state.withLock { $0.records[1] = old }
        let directory = directory()
        _ = await directory.record(of: 1, freshness: .remembered)
        directory.store(new, of: 1)
        #expect(await directory.record(of: 1, freshness: .remembered) == .found(new))
        directory.forgetAll()
        #expect(await directory.record(of: 1, freshness: .remembered) == .found(old))
    }

    /// Answers once it is released; a cancelled caller gets none.
    private final class HeldDirectory: TwinDirectory {
        let record: TwinRecord
        private let gate = AsyncStream.makeStream(of: Void.self)
        private let count = Mutex(0)
        var asked: Int { count.withLock { $0 } }

        init(record: TwinRecord) { self.record = record }
        func release() { gate.continuation.finish() }

        func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
            count.withLock { $0 += 1 }
            for await _ in gate.stream {}
            return Task.isCancelled ? .unavailable("cancelled") : .found(record)
        }
    }
}
