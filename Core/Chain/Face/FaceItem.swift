import Contracts
import Substrate

/// An item of the chain's storage that the ledger has, and how its keys and values are those of the ledger's state.
struct FaceItem: Sendable {
    let pallet: String
    let name: String
    /// Nil for a single value.
    let family: LedgerKey.Family?
    /// Where a value lies; nil for arguments that no value can have.
    let key: @Sendable ([ScaleValue]) -> LedgerKey?
    /// The reverse.
    let arguments: @Sendable (LedgerKey) -> [ScaleValue]?
    /// The value at a block, nil if it is absent.
    let read: @Sendable (EmbeddedLedger, LedgerKey, UInt32) async throws -> ScaleValue?

    /// An item of one value.
    static func single<Value: Decodable & Sendable>(
        _ pallet: String, _ name: String, _ key: LedgerKey,
        _ tree: @escaping @Sendable (Value) -> ScaleValue
    ) -> FaceItem {
        FaceItem(
            pallet: pallet, name: name, family: nil, key: { $0.isEmpty ? key : nil },
            arguments: { $0 == key ? [] : nil },
            read: { ledger, key, number in try await ledger.value(key, at: number, as: Value.self).map(tree) })
    }

    /// A map.
    static func map<Value: Decodable & Sendable>(
        _ pallet: String, _ name: String, _ keys: FaceKeys,
        _ tree: @escaping @Sendable (LedgerKey, Value) -> ScaleValue
    ) -> FaceItem {
        FaceItem(
            pallet: pallet, name: name, family: keys.family, key: keys.key, arguments: keys.arguments,
            read: { ledger, key, number in
                try await ledger.value(key, at: number, as: Value.self).map { tree(key, $0) }
            })
    }
}
