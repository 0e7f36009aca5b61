import Chain
import Contracts
import Signatures
import Substrate
import Synchronization
import TestVectors

/// A chain that grows as a test wants: blocks with events and state, written with the real metadata. Endpoints show it.
package final class FakeChain: Sendable {
    package struct Block: Sendable {
        package let number: UInt32
        package let hash: [UInt8]
        let parent: [UInt8]
        /// The whole state after the block, by storage key.
        package var state: [[UInt8]: [UInt8]]
        var extrinsics: [[UInt8]] = [[0x10, 0x04, 0x03, 0x00, 0x00]]
        /// Of the runtime after the block.
        let specVersion: UInt32
    }

    private struct State {
        var blocks: [Block] = []
        var places: [[UInt8]: Int] = [:]
        var runtimes: [UInt32: [UInt8]] = [:]
        /// How many blocks the finalised head is behind the best one.
        var unfinalised = 0
    }

    package static let specVersion: UInt32 = 149
    package static let metadataBytes = Result { try VectorFile.bytes("tfchain-metadata.scale") }
    package static let runtime = Result { try RuntimeMetadata(parsing: try metadataBytes.get()) }

    /// Advances with the best block.
    package let growth = HeadSignal(head: 0)
    private let seed: String
    private let state = Mutex(State())

    /// A chain with its genesis block. Its clock is the test's.
    package init(seed: String = "main", time: UInt64 = FakeChain.time) throws {
        self.seed = seed
        state.withLock { $0.runtimes[Self.specVersion] = try? Self.metadataBytes.get() }
        try grow(time: time)
    }

    /// Milliseconds since 1970 on every test's clock, and in every block unless a test says otherwise.
    package static let time: UInt64 = 1_800_000_000_000

    package var blocks: [Block] { state.withLock { $0.blocks } }
    package var best: UInt32 { UInt32(state.withLock { $0.blocks.count } - 1) }
    package var finalised: UInt32 { state.withLock { UInt32(max(0, $0.blocks.count - 1 - $0.unfinalised)) } }
    package var genesis: [UInt8] { block(0)?.hash ?? [] }

    package func leaveUnfinalised(_ count: Int) {
        state.withLock { $0.unfinalised = count }
        growth.advance(to: best)
    }

    package func block(_ number: UInt32) -> Block? {
        state.withLock { $0.blocks.indices.contains(Int(number)) ? $0.blocks[Int(number)] : nil }
    }

    package func block(_ hash: [UInt8]) -> Block? {
        state.withLock { state in state.places[hash].map { state.blocks[$0] } }
    }

    package func metadataBytes(_ version: UInt32) -> [UInt8]? { state.withLock { $0.runtimes[version] } }

    package func metadata(_ version: UInt32) throws -> RuntimeMetadata {
        guard version != Self.specVersion else { return try Self.runtime.get() }
        return try RuntimeMetadata(parsing: metadataBytes(version) ?? [])
    }

    /// Adds a block.
    /// - Parameters:
    ///   - events: with the extrinsic that caused each.
    ///   - values: pallet, item, key and value; nil removes it.
    ///   - upgrade: the version and the metadata of the runtime that the block brings.
    @discardableResult
    package func grow(
        _ events: [EventRecord] = [], values: [(String, String, [ScaleValue], ScaleValue?)] = [],
        extrinsics: [[UInt8]] = [], upgrade: (UInt32, [UInt8])? = nil, time: UInt64 = FakeChain.time
    ) throws -> Block {
        let last = state.withLock { $0.blocks.last }
        let version = last?.specVersion ?? Self.specVersion
        let before = try metadata(version)
        var stored = last?.state ?? [:]
        func set(_ pallet: String, _ item: String, _ key: [ScaleValue], _ value: ScaleValue?) throws {
            let entry = try before.storage(pallet, item)
            stored[try before.storageKey(pallet, item, key)] = try value.map {
                try before.registry.encode($0, as: entry.value)
            }
        }
        for (pallet, item, key, value) in values { try set(pallet, item, key, value) }
        try set("Timestamp", "Now", [], .number(time))
        var records = try events.compactMap { record in
            try record.event.runtimeEvent(phase: .applyExtrinsic(record.extrinsic), before)
        }
        if upgrade != nil {
            records.append(
                RuntimeEvent(phase: .applyExtrinsic(0), pallet: "System", name: "CodeUpdated", fields: .unit))
        }
        stored[try before.storageKey("System", "Events")] = try before.encode(events: records)
        let number = UInt32(last.map { $0.number + 1 } ?? 0)
        var block = Block(
            number: number, hash: Sodium.blake2b(Array("\(seed) \(number)".utf8), length: 32),
            parent: last?.hash ?? [UInt8](repeating: 0, count: 32), state: stored,
            specVersion: upgrade?.0 ?? version)
        block.extrinsics += extrinsics
        let added = block
        state.withLock { state in
            if let upgrade { state.runtimes[upgrade.0] = upgrade.1 }
            state.places[added.hash] = state.blocks.count
            state.blocks.append(added)
        }
        growth.advance(to: number)
        return added
    }

    package func grow(by count: Int) throws {
        for _ in 0..<count { try grow() }
    }
}

extension FakeChain {
    package static func twin(_ id: UInt32) throws -> Twin {
        Twin(
            id: id, account: AccountID(try KeyPair(secretURI: "//twin\(id)", scheme: .sr25519).publicKey),
            relay: "relay.grid.tf")
    }

    package static func contract(_ id: UInt64, _ state: ContractState = .created) throws -> Contract {
        guard let hash = ContractHash(text: String(repeating: "a", count: 32)) else { throw TestChainError() }
        return Contract(id: id, twin: 3, state: state, kind: .node(NodeContract(node: 7, hash: hash)))
    }
}

/// The fake cannot be made as the test wants it.
struct TestChainError: Error {}
