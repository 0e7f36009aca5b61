import Contracts
import JSON
import Substrate

extension ChainSession {
    /// A value of the state after a block.
    func value(
        _ pallet: String, _ item: String, _ key: [ScaleValue] = [], at place: Place
    ) async throws -> ScaleValue? {
        try await value(pallet, item, key, hash: place.hash, runtime: place.runtime)
    }

    private func value(
        _ pallet: String, _ item: String, _ key: [ScaleValue], hash: [UInt8], runtime: ChainRuntime
    ) async throws -> ScaleValue? {
        let key = try runtime.metadata.storageKey(pallet, item, key)
        return try runtime.metadata.storageValue(pallet, item, try await stored(key, at: hash))
    }

    /// A value of the state after the newest block, which may be another one the next moment.
    func newestValue(_ pallet: String, _ item: String, _ key: [ScaleValue]) async throws -> ScaleValue? {
        do {
            return try await newestValueOnce(pallet, item, key)
        } catch RPCError.refused(let failure) where failure.isPruned {
            // The block was replaced by another one between two questions.
            return try await newestValueOnce(pallet, item, key)
        }
    }

    private func newestValueOnce(_ pallet: String, _ item: String, _ key: [ScaleValue]) async throws -> ScaleValue? {
        let hash = try await newestHash()
        // Asked for with the runtime of before: an upgrade in this very block seldom moves the key.
        let before = head.runtime
        let likely = try before.metadata.storageKey(pallet, item, key)
        async let answer = stored(likely, at: hash)
        let runtime = try await runtime(at: hash)
        let bytes = try await answer
        guard try runtime.metadata.storageKey(pallet, item, key) == likely else {
            return try await value(pallet, item, key, hash: hash, runtime: runtime)
        }
        return try runtime.metadata.storageValue(pallet, item, bytes)
    }

    func newestHash() async throws -> [UInt8] {
        guard let hash = try RPCAnswers.blockHash(try await rpc.call("chain_getBlockHash")) else {
            throw RPCError.nonsense("it has no block")
        }
        return hash
    }

    func header(_ hash: [UInt8]) async throws -> ChainHeader {
        try RPCAnswers.header(try await rpc.call("chain_getHeader", [.string(HexText.encode(hash))]))
    }

    func stored(_ key: [UInt8], at hash: [UInt8]) async throws -> [UInt8]? {
        try RPCAnswers.storage(
            try await rpc.call("state_getStorage", [.string(HexText.encode(key)), .string(HexText.encode(hash))]))
    }

    /// Several values at once, in the order of their keys.
    func stored(_ keys: [[UInt8]], at hash: [UInt8]) async throws -> [[UInt8]?] {
        let list = JSONValue.array(keys.map { .string(HexText.encode($0)) })
        do {
            let answer = try await rpc.call("state_queryStorageAt", [list, .string(HexText.encode(hash))])
            let changes = try RPCAnswers.changes(answer)
            return try keys.map { key in
                guard let found = changes[key] else { throw RPCError.nonsense("it left out a key that was asked for") }
                return found
            }
        } catch RPCError.refused(let failure) where failure.isUnsupported {
            var values: [[UInt8]?] = []
            for key in keys { values.append(try await stored(key, at: hash)) }
            return values
        }
    }

    /// A block with the time that is recorded in it.
    func reference(_ place: Place) async throws -> BlockReference {
        let time: UInt64 = try await value("Timestamp", "Now", at: place)?.integer() ?? 0
        return BlockReference(number: place.number, hash: HexBytes(place.hash), time: time)
    }

    /// What a read at this point is read from, with the finalised head not behind `floor`.
    func place(_ point: ReadPoint, floor: UInt32) async throws -> Place {
        switch point {
        case .best:
            let hash = try await newestHash()
            async let runtime = runtime(at: hash)
            let header = try await header(hash)
            return Place(number: header.number, hash: hash, runtime: try await runtime)
        case .finalised:
            try await reach(floor)
            return head
        case .block(let number):
            guard let place = try await place(number) else {
                throw LedgerUnavailable(.unreachable, "block \(number) is not made yet; the head is \(head.number)")
            }
            return place
        }
    }

    /// Waits until the finalised head is as far as it was seen elsewhere: what was final once must not be forgotten.
    func reach(_ floor: UInt32) async throws {
        guard head.number < floor else { return }
        await heads.wait(after: floor - 1, patience: settings.retryFor)
        guard head.number >= floor else {
            throw RPCError.late("its finalised head \(head.number) is behind \(floor), which was final already")
        }
    }
}
