import Contracts

/// The ledger of another development node, for one that joins it.
struct SharedLedger: Sendable {
    let node: DevelopmentNode

    /// Waits until a node has registered itself.
    /// - Throws: `failed` if its process ends before, `timedOut`.
    func registration(
        of account: AccountID, by process: NodeProcess, patience: Duration
    ) async throws -> (twin: UInt32, node: UInt32) {
        let ledger = RemoteLedger(path: node.ledger)
        let end = ContinuousClock.now + patience
        while true {
            if let twin = try await ledger.twinID(of: account, at: .best),
                let node = try await ledger.nodeID(ofTwin: twin, at: .best)
            {
                return (twin, node)
            }
            guard !process.hasEnded else {
                throw CommandError(.failed, "the node ended before it was registered", hint: "see its log")
            }
            guard ContinuousClock.now < end else {
                throw CommandError(.timedOut, "the node does not register itself on the ledger of the other")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension DevelopmentNode {
    /// Another node on the same ledger, in the same farm, with the same users.
    func neighbour(
        twin: UInt32, node: UInt32, rmb: String, namespaces: String, process: Int32
    ) -> DevelopmentNode {
        DevelopmentNode(
            rmb: rmb, ledger: ledger, admin: admin, node: twin, nodeID: node, farm: farm, users: users,
            namespaces: namespaces, process: process, chain: chain)
    }
}
