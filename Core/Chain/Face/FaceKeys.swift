import Contracts
import Signatures
import Substrate

/// How the arguments of a map's key are those of a family of the ledger's keys.
struct FaceKeys: Sendable {
    let family: LedgerKey.Family
    let key: @Sendable ([ScaleValue]) -> LedgerKey?
    let arguments: @Sendable (LedgerKey) -> [ScaleValue]?

    /// By a number.
    static func number<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ family: LedgerKey.Family, _ make: @escaping @Sendable (Number) -> LedgerKey,
        _ number: @escaping @Sendable (LedgerKey) -> Number?
    ) -> FaceKeys {
        FaceKeys(
            family: family,
            key: { arguments in
                guard arguments.count == 1, case .unsigned(let value) = arguments[0] else { return nil }
                return Number(exactly: value).map(make)
            },
            arguments: { key in number(key).map { [.number($0)] } })
    }

    /// By bytes of a fixed or free length.
    static func bytes(
        _ family: LedgerKey.Family, _ make: @escaping @Sendable ([UInt8]) -> LedgerKey?,
        _ bytes: @escaping @Sendable (LedgerKey) -> [UInt8]?
    ) -> FaceKeys {
        FaceKeys(
            family: family,
            key: { arguments in
                guard arguments.count == 1, case .bytes(let value) = arguments[0] else { return nil }
                return make(value)
            },
            arguments: { key in bytes(key).map { [.bytes($0)] } })
    }

    static let twin = number(.twin, { .twin($0) }, { if case .twin(let id) = $0 { id } else { nil } })
    static let farm = number(.farm, { .farm($0) }, { if case .farm(let id) = $0 { id } else { nil } })
    static let nodesOfFarm = number(
        .nodesOfFarm, { .nodesOfFarm($0) }, { if case .nodesOfFarm(let id) = $0 { id } else { nil } })
    static let node = number(.node, { .node($0) }, { if case .node(let id) = $0 { id } else { nil } })
    static let nodeByTwin = number(
        .nodeByTwin, { .nodeByTwin($0) }, { if case .nodeByTwin(let id) = $0 { id } else { nil } })
    static let power = number(.power, { .power($0) }, { if case .power(let id) = $0 { id } else { nil } })
    static let extraFee = number(.extraFee, { .extraFee($0) }, { if case .extraFee(let id) = $0 { id } else { nil } })
    static let contract = number(.contract, { .contract($0) }, { if case .contract(let id) = $0 { id } else { nil } })
    static let active = number(.active, { .active($0) }, { if case .active(let id) = $0 { id } else { nil } })
    static let rent = number(.rent, { .rent($0) }, { if case .rent(let id) = $0 { id } else { nil } })
    static let resources = number(
        .resources, { .resources($0) }, { if case .resources(let id) = $0 { id } else { nil } })
    static let billing = number(.billing, { .billing($0) }, { if case .billing(let id) = $0 { id } else { nil } })
    static let lock = number(.lock, { .lock($0) }, { if case .lock(let id) = $0 { id } else { nil } })
    static let account = accounts(.account, { .account($0) }) { if case .account(let id) = $0 { id } else { nil } }
    static let terms = accounts(.terms, { .terms($0) }) { if case .terms(let id) = $0 { id } else { nil } }
    static let twinByAccount = accounts(.twinByAccount, { .twinByAccount($0) }) {
        if case .twinByAccount(let id) = $0 { id } else { nil }
    }
    static let farmByName = bytes(.farmByName, { .farmByName(String(decoding: $0, as: UTF8.self)) }) {
        if case .farmByName(let name) = $0 { Array(name.utf8) } else { nil }
    }
    static let contractByName = bytes(.contractByName, { .contractByName(String(decoding: $0, as: UTF8.self)) }) {
        if case .contractByName(let name) = $0 { Array(name.utf8) } else { nil }
    }

    static let contractByHash = FaceKeys(
        family: .contractByHash,
        key: { arguments in
            guard arguments.count == 2, case .unsigned(let number) = arguments[0], let node = UInt32(exactly: number),
                case .bytes(let bytes) = arguments[1], let hash = ContractHash(bytes: bytes)
            else { return nil }
            return .contractByHash(node, hash)
        },
        arguments: { key in
            guard case .contractByHash(let node, let hash) = key else { return nil }
            return [.number(node), .bytes(hash.bytes)]
        })

    private static func accounts(
        _ family: LedgerKey.Family, _ make: @escaping @Sendable (AccountID) -> LedgerKey,
        _ account: @escaping @Sendable (LedgerKey) -> AccountID?
    ) -> FaceKeys {
        bytes(
            family,
            { bytes in
                // Of another length than a key: nobody's.
                (try? PublicKey(bytes: bytes)).map { make(AccountID($0)) }
            }, { account($0)?.key.bytes })
    }
}
