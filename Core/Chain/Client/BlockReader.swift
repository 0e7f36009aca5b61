import Contracts
import Logging
import Substrate
import Synchronization

/// Finalised blocks with their events. Whoever asks for one after the other gets them read ahead, many at a time
/// (docs/spec/tfchain.md section 7).
final class BlockReader: Sendable {
    /// What an endpoint said of a block, before it is decoded.
    private struct Raw: Sendable {
        let hash: [UInt8]
        let parent: [UInt8]
        /// Nil when the endpoint keeps it no more.
        let content: Content?
    }

    private struct Content: Sendable {
        let events: [UInt8]?
        let time: [UInt8]?
    }

    private struct State {
        var ahead: [UInt32: Raw] = [:]
        var last: UInt32?
        var stride = BlockReader.longestStride
    }

    /// Blocks asked for at a time while catching up: 64 questions under way. Halved when the answers do not come in
    /// time, so that a thin line gets on too.
    private static let longestStride: UInt32 = 32

    private let pool: EndpointPool
    private let log: Logger
    private let state = Mutex(State())

    init(pool: EndpointPool, log: Logger) {
        self.pool = pool
        self.log = log
    }

    func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup {
        do {
            return try await pool.attempt { session in try await self.block(number, session) }
        } catch {
            // The state of the block is gone everywhere where it was asked for.
            guard error.reason == .pruned else { throw error }
            return .pruned
        }
    }

    private func block(_ number: UInt32, _ session: ChainSession) async throws -> BlockLookup {
        if session.head.number < number {
            guard number <= pool.floor else { return .notYet }
            try await session.reach(number)
        }
        let raw = try await raw(number, session)
        guard let content = raw.content else { return .pruned }
        let runtime = try await session.runtime(at: raw.parent)
        let events: [EventRecord]
        do {
            events = try Self.decode(content, runtime, learning: { session.learn(runtime.version, at: raw.hash) })
        } catch {
            forget(number)
            // Another endpoint may know better what this runtime's events look like, or what was stored.
            guard !session.shelf.doubt(runtime.version.specVersion) else {
                throw RPCError.nonsense("the events of block \(number) cannot be read: \(error.message)")
            }
            log.error(
                "the events of a block cannot be read; all contracts are compared instead",
                metadata: ["block": "\(number)", "reason": "\(error.message)"])
            return .pruned
        }
        let time: UInt64 = try runtime.metadata.storageValue("Timestamp", "Now", content.time)?.integer() ?? 0
        forget(number)
        return .block(
            block: LedgerBlock(
                reference: BlockReference(number: number, hash: HexBytes(raw.hash), time: time),
                parent: HexBytes(raw.parent), events: events))
    }

    /// - Parameter learning: told when the block left the runtime as it was.
    private static func decode(
        _ content: Content, _ runtime: ChainRuntime, learning: () -> Void
    ) throws(SubstrateError) -> [EventRecord] {
        let found = try runtime.metadata.events(content.events)
        if let failure = found.failure { throw failure }
        var events: [EventRecord] = []
        for record in found.records {
            events.append(
                EventRecord(
                    extrinsic: record.phase.extrinsic ?? UInt32.max, event: try LedgerEvent(record, runtime.metadata)))
        }
        if !found.records.contains(where: { $0.fullName == "System.CodeUpdated" }) { learning() }
        return events
    }

    private func forget(_ number: UInt32) { state.withLock { $0.ahead[number] = nil } }

    /// What is known of a block already, or what the endpoint says now, with those after it if they will be asked for.
    private func raw(_ number: UInt32, _ session: ChainSession) async throws -> Raw {
        let (known, count) = state.withLock { state in
            let isFollowing = state.last == number || state.last.map { $0 &+ 1 == number } ?? false
            state.last = number
            return (state.ahead[number], isFollowing ? state.stride : 1)
        }
        if let known { return known }
        let (reach, isBeyond) = number.addingReportingOverflow(count - 1)
        let end = max(number, isBeyond ? session.head.number : min(session.head.number, reach))
        let fetched: [UInt32: Raw]
        do {
            fetched = try await fetch(number...end, session)
        } catch {
            state.withLock { $0.stride = max(1, count / 2) }
            throw error
        }
        state.withLock { state in
            state.ahead = fetched
            if count == state.stride { state.stride = min(Self.longestStride, state.stride * 2) }
        }
        guard let raw = fetched[number] else { throw RPCError.nonsense("it does not know its own block \(number)") }
        return raw
    }

    private func fetch(_ range: ClosedRange<UInt32>, _ session: ChainSession) async throws -> [UInt32: Raw] {
        let metadata = session.head.runtime.metadata
        let keys = [try metadata.storageKey("System", "Events"), try metadata.storageKey("Timestamp", "Now")]
        let first = range.lowerBound == 0 ? 0 : range.lowerBound - 1
        return try await withThrowingTaskGroup(of: (UInt32, [UInt8], Content?).self) { group in
            for number in first...range.upperBound {
                group.addTask {
                    guard let hash = try await session.hash(of: number) else {
                        throw RPCError.nonsense("it has no hash for its own finalised block \(number)")
                    }
                    guard range.contains(number) else { return (number, hash, nil) }
                    return (number, hash, try await Self.content(keys, hash, session))
                }
            }
            var hashes: [UInt32: [UInt8]] = [:]
            var contents: [UInt32: Content] = [:]
            for try await (number, hash, content) in group {
                hashes[number] = hash
                contents[number] = content
            }
            var blocks: [UInt32: Raw] = [:]
            for number in range {
                guard let hash = hashes[number], let parent = hashes[number == 0 ? 0 : number - 1] else { continue }
                blocks[number] = Raw(hash: hash, parent: parent, content: contents[number])
            }
            return blocks
        }
    }

    private static func content(_ keys: [[UInt8]], _ hash: [UInt8], _ session: ChainSession) async throws -> Content? {
        do {
            let changes = try await session.stored(keys, at: hash)
            return Content(events: changes[0], time: changes[1])
        } catch RPCError.refused(let failure) where failure.isPruned {
            return nil
        }
    }
}
