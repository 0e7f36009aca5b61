/// The finalised blocks after a number, each once and in order, waiting for new ones. Source: docs/spec/tfchain.md
/// section 7: handle a block, then store its number, then ask for the next.
public struct BlockFollower: AsyncSequence, Sendable {
    /// What a follower sees next.
    public enum Step: Sendable, Hashable {
        case block(LedgerBlock)
        /// The blocks up to and including this number are no longer kept: synchronise fully, then go on.
        case pruned(through: UInt32)
    }

    /// How long one question to the ledger may wait for news.
    private static let patience = Duration.seconds(20)

    private let ledger: any Ledger
    private let last: UInt32

    init(_ ledger: any Ledger, after last: UInt32) {
        self.ledger = ledger
        self.last = last
    }

    public func makeAsyncIterator() -> Iterator { Iterator(ledger: ledger, last: last) }

    public struct Iterator: AsyncIteratorProtocol {
        let ledger: any Ledger
        var last: UInt32

        /// - Throws: `LedgerUnavailable`; the same iterator may be asked again afterwards and misses nothing.
        ///   `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> Step? {
            while true {
                try Task.checkCancellation()
                guard last < UInt32.max else { return nil }
                switch try await ledger.block(last + 1) {
                case .block(let block):
                    last += 1
                    return .block(block)
                case .pruned:
                    last = try await lastPruned()
                    return .pruned(through: last)
                case .notYet:
                    _ = try await ledger.waitForBlock(after: last, patience: BlockFollower.patience)
                }
            }
        }

        /// Between a pruned block and the head, which is always kept, the boundary is found by halving.
        private func lastPruned() async throws -> UInt32 {
            var pruned = last + 1
            var kept = try await ledger.head(.finalised).number
            while kept > pruned + 1 {
                let middle = pruned + (kept - pruned) / 2
                if case .pruned = try await ledger.block(middle) { pruned = middle } else { kept = middle }
            }
            return pruned
        }
    }
}

extension Ledger {
    /// Follows finalised blocks from the one after `number`.
    public func blocks(after number: UInt32) -> BlockFollower { BlockFollower(self, after: number) }
}
