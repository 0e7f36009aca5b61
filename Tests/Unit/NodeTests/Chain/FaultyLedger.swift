import Contracts
import Signatures
import Synchronization

/// An embedded ledger that fails as endpoints of a chain do.
final class FaultyLedger: Ledger {
    struct Faults: Sendable {
        /// Nothing is answered.
        var isAway = false
        /// Questions hang until they are given up.
        var isStuck = false
        /// Contracts that are not shown yet.
        var late: Set<UInt64> = []
        /// Contracts that cannot be read.
        var unreadable: Set<UInt64> = []
        var cannotList = false
        /// Blocks up to this one have no events any more.
        var prunedThrough: UInt32?
        /// How far the finalised head is behind the best one.
        var finalityLag: UInt32 = 0
        /// How far the endpoint is behind the chain, with both heads.
        var behind: UInt32 = 0
        /// What the next calls fail with.
        var failures: [CallFailure] = []
        /// A call is applied, and its answer lost.
        var losesAnswer = false
    }

    struct Count: Sendable {
        var contractReads = 0
        var heads = 0
        var calls: [LedgerCall] = []
    }

    let embedded: EmbeddedLedger
    private let faults = Mutex(Faults())
    private let counted = Mutex(Count())

    init(_ embedded: EmbeddedLedger) { self.embedded = embedded }

    var count: Count { counted.withLock { $0 } }
    func change(_ edit: @Sendable (inout Faults) -> Void) { faults.withLock { edit(&$0) } }

    private func answering() async throws(LedgerUnavailable) -> Faults {
        while faults.withLock({ $0.isStuck }) {
            do { try await Task.sleep(for: .milliseconds(5)) } catch {
                throw LedgerUnavailable(.timedOut, "given up")
            }
        }
        let now = faults.withLock { $0 }
        guard !now.isAway else { throw LedgerUnavailable(.unreachable, "the endpoint is away") }
        return now
    }

    /// The point as the embedded ledger, which has no finality, understands it.
    private func actual(_ point: ReadPoint) async throws(LedgerUnavailable) -> ReadPoint {
        let now = try await answering()
        let lag: UInt32
        switch point {
        case .best: lag = now.behind
        case .finalised: lag = now.behind + now.finalityLag
        case .block: lag = 0
        }
        guard lag > 0 else { return point }
        let best = try await embedded.head(.best).number
        return .block(number: best - min(best, lag))
    }

    func genesisHash() async throws(LedgerUnavailable) -> HexBytes {
        _ = try await answering()
        return try await embedded.genesisHash()
    }
    func head(_ point: ReadPoint) async throws(LedgerUnavailable) -> BlockReference {
        counted.withLock { $0.heads += 1 }
        return try await embedded.head(try await actual(point))
    }
    func twin(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Twin? {
        try await embedded.twin(id, at: try await actual(point))
    }
    func twinID(of account: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await embedded.twinID(of: account, at: try await actual(point))
    }
    func node(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Node? {
        try await embedded.node(id, at: try await actual(point))
    }
    func nodeID(ofTwin twin: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt32? {
        try await embedded.nodeID(ofTwin: twin, at: try await actual(point))
    }
    func farm(_ id: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> Farm? {
        try await embedded.farm(id, at: try await actual(point))
    }
    func nodes(ofFarm farm: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt32] {
        try await embedded.nodes(ofFarm: farm, at: try await actual(point))
    }
    func power(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> NodePower {
        try await embedded.power(ofNode: node, at: try await actual(point))
    }
    func contract(_ id: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Contract? {
        counted.withLock { $0.contractReads += 1 }
        let now = try await answering()
        guard !now.unreadable.contains(id) else { throw LedgerUnavailable(.malformed, "contract \(id) is garbled") }
        guard !now.late.contains(id) else { return nil }
        return try await embedded.contract(id, at: try await actual(point))
    }
    func contractID(
        node: UInt32, hash: ContractHash, at point: ReadPoint
    ) async throws(LedgerUnavailable) -> UInt64? {
        try await embedded.contractID(node: node, hash: hash, at: try await actual(point))
    }
    func contractID(name: String, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await embedded.contractID(name: name, at: try await actual(point))
    }
    func activeContracts(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> [UInt64] {
        guard try await !answering().cannotList else { throw LedgerUnavailable(.malformed, "the list is garbled") }
        return try await embedded.activeContracts(ofNode: node, at: try await actual(point))
    }
    func rentContract(ofNode node: UInt32, at point: ReadPoint) async throws(LedgerUnavailable) -> UInt64? {
        try await embedded.rentContract(ofNode: node, at: try await actual(point))
    }
    func resources(ofContract contract: UInt64, at point: ReadPoint) async throws(LedgerUnavailable) -> Resources {
        try await embedded.resources(ofContract: contract, at: try await actual(point))
    }
    func account(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> LedgerAccount {
        try await embedded.account(id, at: try await actual(point))
    }
    func hasAcceptedTerms(_ id: AccountID, at point: ReadPoint) async throws(LedgerUnavailable) -> Bool {
        try await embedded.hasAcceptedTerms(id, at: try await actual(point))
    }
    func versionText(at point: ReadPoint) async throws(LedgerUnavailable) -> String {
        try await embedded.versionText(at: try await actual(point))
    }

    func block(_ number: UInt32) async throws(LedgerUnavailable) -> BlockLookup {
        if let pruned = try await answering().prunedThrough, number <= pruned { return .pruned }
        guard number <= (try await head(.finalised)).number else { return .notYet }
        return try await embedded.block(number)
    }

    func waitForBlock(after number: UInt32, patience: Duration) async throws(LedgerUnavailable) -> BlockReference {
        let now = try await answering()
        let lag = now.finalityLag + now.behind
        _ = try await embedded.waitForBlock(after: number + lag, patience: patience)
        return try await head(.finalised)
    }

    func submit(_ call: LedgerCall, by key: KeyPair) async throws(CallFailure) -> CallReceipt {
        counted.withLock { $0.calls.append(call) }
        do throws(LedgerUnavailable) { _ = try await answering() } catch { throw .unavailable(reason: error) }
        let failure = faults.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        let receipt = try await embedded.submit(call, by: key)
        let isLost = faults.withLock { faults in
            defer { faults.losesAnswer = false }
            return faults.losesAnswer
        }
        if isLost { throw .unavailable(reason: LedgerUnavailable(.unreachable, "the socket dropped")) }
        return receipt
    }
}
