import Contracts

/// Where twins are read: all that a relay needs of a ledger.
protocol TwinSource: Sendable {
    /// - Returns: nil if there is none.
    func twin(_ id: UInt32) async throws(LedgerUnavailable) -> Twin?
}

/// The twins of a ledger, as its newest block has them.
struct LedgerTwins: TwinSource {
    let ledger: any Ledger

    func twin(_ id: UInt32) async throws(LedgerUnavailable) -> Twin? { try await ledger.twin(id, at: .best) }
}
