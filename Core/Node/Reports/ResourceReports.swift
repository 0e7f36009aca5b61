import Contracts

/// What contracts take of the node, as far as the ledger has not been told (docs/spec/tfchain.md section 11). Pure.
struct ResourceReports: Sendable {
    /// What one call carries at most.
    static let batch = 100
    /// What is remembered of sent reports is given up beyond this: then some are sent twice.
    private static let mostRemembered = 10_000

    private var unreported: [UInt64: Resources] = [:]
    private var reported: [UInt64: Resources] = [:]

    var isEmpty: Bool { unreported.isEmpty }

    /// Marks a report as one to be sent. What the ledger has already is not sent again.
    mutating func add(_ report: ContractResources) {
        unreported[report.contract] = reported[report.contract] == report.used ? nil : report.used
    }

    /// What the next call carries, by contract.
    func next() -> [ContractResources] {
        unreported.keys.sorted().prefix(Self.batch).compactMap { contract in
            unreported[contract].map { ContractResources(contract: contract, used: $0) }
        }
    }

    /// The ledger has these. What changed meanwhile stays to be sent.
    mutating func acknowledge(_ reports: [ContractResources]) {
        if reported.count > Self.mostRemembered { reported = [:] }
        for report in reports {
            reported[report.contract] = report.used
            if unreported[report.contract] == report.used { unreported[report.contract] = nil }
        }
    }

    /// A contract that makes the whole call fail is left out from now on.
    mutating func drop(_ contract: UInt64) { unreported[contract] = nil }
}
