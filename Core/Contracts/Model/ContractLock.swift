/// Funds that a contract holds back (docs/spec/tfchain.md section 5). The embedded ledger locks none.
public struct ContractLock: Sendable, Hashable, Codable {
    /// In units of 10^-7 TFT.
    public var locked: UInt64
    public var extraLocked: UInt64
    /// Seconds since 1970.
    public var updated: UInt64
    public var cycles: UInt16

    public init(locked: UInt64 = 0, extraLocked: UInt64 = 0, updated: UInt64 = 0, cycles: UInt16 = 0) {
        self.locked = locked
        self.extraLocked = extraLocked
        self.updated = updated
        self.cycles = cycles
    }
}
