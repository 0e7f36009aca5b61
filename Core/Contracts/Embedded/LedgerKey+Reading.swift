import Signatures

extension LedgerKey {
    /// Reads a stored key of a family back; nil for what cannot be one.
    init?(_ text: String, of family: Family) {
        let prefix = family.rawValue + "/"
        guard text.hasPrefix(prefix) else { return nil }
        let rest = text.dropFirst(prefix.count)
        let found: LedgerKey? =
            switch family {
            case .twin: UInt32(rest).map { .twin($0) }
            case .farm: UInt32(rest).map { .farm($0) }
            case .nodesOfFarm: UInt32(rest).map { .nodesOfFarm($0) }
            case .node: UInt32(rest).map { .node($0) }
            case .nodeByTwin: UInt32(rest).map { .nodeByTwin($0) }
            case .power: UInt32(rest).map { .power($0) }
            case .extraFee: UInt32(rest).map { .extraFee($0) }
            case .active: UInt32(rest).map { .active($0) }
            case .rent: UInt32(rest).map { .rent($0) }
            case .contract: UInt64(rest).map { .contract($0) }
            case .resources: UInt64(rest).map { .resources($0) }
            case .billing: UInt64(rest).map { .billing($0) }
            case .lock: UInt64(rest).map { .lock($0) }
            case .farmByName: .farmByName(String(rest))
            case .contractByName: .contractByName(String(rest))
            case .twinByAccount: Self.account(rest).map { .twinByAccount($0) }
            case .account: Self.account(rest).map { .account($0) }
            case .terms: Self.account(rest).map { .terms($0) }
            case .contractByHash: Self.contractByHash(rest)
            }
        guard let found else { return nil }
        self = found
    }

    private static func account(_ text: Substring) -> AccountID? {
        // Only keys that this ledger wrote are read here: what does not decode is none of them.
        (try? PublicKey(bytes: Hex.decode(String(text)))).map { AccountID($0) }
    }

    private static func contractByHash(_ text: Substring) -> LedgerKey? {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let node = UInt32(parts[0]), let bytes = try? Hex.decode(String(parts[1])),
            let hash = ContractHash(bytes: bytes)
        else { return nil }
        return .contractByHash(node, hash)
    }
}
