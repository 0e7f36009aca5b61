import Baseline
import Chain
import Contracts
import Foundation
import JSON
import ScriptedChain
import Substrate

/// 10,000 blocks caught up by the chain client over a WebSocket, against decoding the events of as many blocks alone.
enum ChainMeasure {
    private static let blocks = 10_000
    private static let perBlock = 8

    static func take() async throws -> [Measurement] {
        let chain = try FakeChain()
        let events = (0..<perBlock).map { number in
            EventRecord(
                extrinsic: UInt32(number),
                event: .nodeContractCanceled(contract: UInt64(number), node: UInt32(number), twin: 3))
        }
        for _ in 0..<blocks { try chain.grow(events) }
        let bare = try decoded(chain)
        let caught = try await caughtUp(chain)
        return [
            Measurement(
                name: "chain catch-up", meaning: "\(blocks) blocks caught up ÷ decoding their events alone",
                ratio: caught / bare, aim: .atMost(10),
                figures: [
                    .init("\(blocks) blocks from a local endpoint to events in order", caught, "s"),
                    .init("blocks caught up", Double(blocks) / caught, "/s"),
                    .init("events decoded", Double(blocks * perBlock) / bare, "/s"),
                ])
        ]
    }

    /// Seconds to decode all events, bytes at hand.
    private static func decoded(_ chain: FakeChain) throws -> Double {
        let metadata = try chain.metadata(FakeChain.specVersion)
        let key = try metadata.storageKey("System", "Events")
        let stored = chain.blocks.dropFirst().compactMap { $0.state[key] }
        let started = bench_now()
        var count = 0
        for bytes in stored {
            for record in try metadata.events(bytes).records {
                if case .nodeContractCanceled = try LedgerEvent(record, metadata) { count += 1 }
            }
        }
        guard count == blocks * perBlock else { throw BenchError("\(count) events decoded") }
        return Double(bench_now() - started) / 1e9
    }

    /// Seconds from the first question to the last block.
    private static func caughtUp(_ chain: FakeChain) async throws -> Double {
        let endpoint = try await FakeEndpoint(chain)
        let (results, result) = AsyncStream<Double>.makeStream()
        try await FakeEndpoint.with([endpoint]) { ledger async throws in
            _ = try await ledger.head(.finalised)
            let started = bench_now()
            var count = 0
            for try await step in ledger.blocks(after: 0) {
                guard case .block(let block) = step, block.events.count == perBlock else {
                    throw BenchError("a block is missing")
                }
                count += 1
                if count == blocks { break }
            }
            result.yield(Double(bench_now() - started) / 1e9)
        }
        result.finish()
        for await seconds in results { return seconds }
        throw BenchError("nothing was caught up")
    }
}
