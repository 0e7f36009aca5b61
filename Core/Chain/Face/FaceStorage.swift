import Contracts
import Substrate

/// The ledger's state as the chain's storage: every value in SCALE under its real key.
struct FaceStorage: Sendable {
    let ledger: EmbeddedLedger
    let runtime: EmbeddedRuntime
    private let items: [(prefix: [UInt8], item: FaceItem)]
    private let eventsKey: [UInt8]
    private let numberKey: [UInt8]

    /// - Throws: `SubstrateError` if the runtime has no such item.
    init(ledger: EmbeddedLedger, runtime: EmbeddedRuntime) throws(SubstrateError) {
        self.ledger = ledger
        self.runtime = runtime
        var items: [(prefix: [UInt8], item: FaceItem)] = []
        for item in FaceItem.all { items.append((try runtime.metadata.storagePrefix(item.pallet, item.name), item)) }
        self.items = items
        eventsKey = try runtime.metadata.storagePrefix("System", "Events")
        numberKey = try runtime.metadata.storagePrefix("System", "Number")
    }

    /// The bytes under a key at a block; nil if nothing is there, whatever the key is.
    /// - Throws: `LedgerUnavailable`, `SubstrateError`.
    func value(_ key: [UInt8], at number: UInt32) async throws -> [UInt8]? {
        let metadata = runtime.metadata
        if key == eventsKey { return try await events(at: number) }
        // A block whose state is gone has no absent values either.
        try await ledger.requireState(at: number)
        if key == numberKey {
            return try metadata.registry.encode(.number(number), as: metadata.storage("System", "Number").value)
        }
        guard let item = items.first(where: { key.starts(with: $0.prefix) })?.item,
            let arguments = arguments(of: key, item), let place = item.key(arguments)
        else { return nil }
        let entry = try metadata.storage(item.pallet, item.name)
        guard let tree = try await item.read(ledger, place, number) else { return nil }
        return try metadata.registry.encode(tree, as: entry.value)
    }

    /// The keys that begin with `prefix` and have a value at a block, in the order of their bytes.
    /// - Throws: `LedgerUnavailable`, `SubstrateError`.
    func keys(_ prefix: [UInt8], at number: UInt32) async throws -> [[UInt8]] {
        try await ledger.requireState(at: number)
        var found: [[UInt8]] = []
        for own in [eventsKey, numberKey] where own.starts(with: prefix) { found.append(own) }
        for (start, item) in items where start.starts(with: prefix) || prefix.starts(with: start) {
            guard let family = item.family else {
                guard let key = item.key([]), try await item.read(ledger, key, number) != nil else { continue }
                if start.starts(with: prefix) { found.append(start) }
                continue
            }
            for key in try await ledger.keys(of: family, at: number) {
                guard let arguments = item.arguments(key) else { continue }
                let whole = try runtime.metadata.storageKey(item.pallet, item.name, arguments)
                if whole.starts(with: prefix) { found.append(whole) }
            }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Nil for bytes that are no key of the item: nothing is stored there.
    private func arguments(of key: [UInt8], _ item: FaceItem) -> [ScaleValue]? {
        guard let arguments = try? runtime.metadata.storageArguments(item.pallet, item.name, of: key),
            // The digest in front of the arguments has to be theirs.
            let whole = try? runtime.metadata.storageKey(item.pallet, item.name, arguments), whole == key
        else { return nil }
        return arguments
    }

    private func events(at number: UInt32) async throws -> [UInt8]? {
        switch try await ledger.block(number) {
        case .block(let block):
            // Genesis was not made by extrinsics.
            if number == 0 { return nil }
            return try runtime.encode(events: block.events)
        case .pruned: throw LedgerUnavailable(.pruned, "the events of block \(number) are no longer kept")
        case .notYet: throw LedgerUnavailable(.unreachable, "block \(number) is not made yet")
        }
    }
}
