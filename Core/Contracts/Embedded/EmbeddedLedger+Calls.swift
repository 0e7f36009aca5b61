import SQLite

extension EmbeddedLedger {
    /// Checks a call as the chain checks an extrinsic and lets it in: it will be part of the next block, or is one
    /// already if blocks are made on demand.
    /// - Throws: `refused` for a call that left no trace, `unavailable`.
    public func enqueue(_ proof: any ProvenCall) async throws(CallFailure) -> PendingCall {
        let operation = BlockMaker.Operation.call(proof, lastBlock: try await verify(proof))
        let entry = CallPool.Entry(operation: operation, pending: PendingCall())
        guard settings.production == .onDemand else {
            try await letIn(proof, entry)
            return entry.pending
        }
        let outcome = await makeBlock(of: operation)
        switch outcome {
        case .failure(.refused(let refusal)): throw .refused(refusal: refusal)
        case .failure(.unavailable(let reason)): throw .unavailable(reason: reason)
        case .success, .failure(.failed): entry.pending.resolve(outcome)
        }
        return entry.pending
    }

    /// The nonce that the next call of an account must carry; calls that wait for their block count.
    public func nextNonce(of account: AccountID) async throws(LedgerUnavailable) -> UInt32 {
        let (pool, settings) = (pool, settings)
        do {
            // In the lane of the blocks: a call is either still in the pool or already in the state.
            return try await database.write { connection in
                try Self.expected(account, connection, pool, settings).nonce
            }
        } catch {
            throw LedgerUnavailable(.storage, "the ledger's file cannot be read: \(error)")
        }
    }

    /// An account as it will be when the waiting calls are applied.
    private static func expected(
        _ account: AccountID, _ connection: Connection, _ pool: CallPool, _ settings: LedgerSettings
    ) throws -> LedgerAccount {
        let head = try BlockMaker.head(connection).reference.number
        let stored: LedgerAccount? = try LedgerState(connection: connection, block: head).value(.account(account))
        return pool.expected(stored ?? LedgerAccount(), of: account, settings: settings)
    }

    private func verify(_ proof: any ProvenCall) async throws(CallFailure) -> UInt32? {
        let genesis = genesis.hash
        do {
            return try await database.read { connection in
                let head = try BlockMaker.head(connection).reference.number
                let context = ProofContext(genesis: genesis, number: head < .max ? head + 1 : head) { number in
                    // A block that cannot be read is as good as one that is gone: the proof cannot be checked.
                    try? Self.reference(number, connection)?.reference.hash
                }
                return try proof.verify(in: context)
            }
        } catch let refusal as CallRefusal {
            throw .refused(refusal: refusal)
        } catch {
            throw .unavailable(reason: LedgerUnavailable(.storage, "the ledger's file cannot be read: \(error)"))
        }
    }

    /// Blocks are made in the same lane, so nothing moves between the check and the place in the pool.
    private func letIn(_ proof: any ProvenCall, _ entry: CallPool.Entry) async throws(CallFailure) {
        let (pool, settings) = (pool, settings)
        do {
            try await database.write { connection in
                let expected = try Self.expected(proof.account, connection, pool, settings)
                if let refusal = Admission(settings: settings).refusal(of: proof, from: expected) { throw refusal }
                try pool.append(entry)
            }
        } catch let refusal as CallRefusal {
            throw .refused(refusal: refusal)
        } catch let failure as CallFailure {
            throw failure
        } catch {
            throw .unavailable(reason: LedgerUnavailable(.storage, "the ledger cannot take a call: \(error)"))
        }
    }
}
