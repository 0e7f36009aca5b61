import Contracts
import JSON
import Signatures
import Substrate

extension ChainSession {
    /// The number that the account's next call must carry, with those that wait in the endpoint's pool counted.
    func nextNonce(of account: AccountID, _ newest: [UInt8], _ runtime: ChainRuntime) async throws -> UInt64 {
        do {
            return try RPCAnswers.nonce(
                try await rpc.call("system_accountNextIndex", [.string(account.address)]))
        } catch RPCError.refused(let failure) where failure.isUnsupported {
            let place = Place(number: 0, hash: newest, runtime: runtime)
            guard let found = try await value("System", "Account", [account.tree], at: place) else { return 0 }
            return UInt64(try LedgerAccount(found).nonce)
        }
    }

    /// How an extrinsic ended in a block; nil if it is not in it.
    func fate(of extrinsic: [UInt8], in block: [UInt8]) async throws -> ChainLedger.Fate? {
        let answer = try await rpc.call("chain_getBlock", [.string(HexText.encode(block))])
        guard let bodies = try RPCAnswers.extrinsics(answer),
            let position = bodies.firstIndex(where: { Sodium.blake2b($0, length: 32) == extrinsic }),
            let index = UInt32(exactly: position)
        else { return nil }
        let header = try await header(block)
        let runtime = try await runtime(at: header.parent)
        let metadata = runtime.metadata
        let events = try metadata.events(try await stored(try metadata.storageKey("System", "Events"), at: block))
        let reference = try await reference(Place(number: header.number, hash: block, runtime: runtime))
        switch try metadata.outcome(ofExtrinsic: index, in: events.records) {
        case .failure(let failure):
            return .failed(.failed(error: LedgerError(failure), block: header.number))
        case .success:
            let own = events.records.filter {
                $0.phase == .applyExtrinsic(index) && $0.fullName != "System.ExtrinsicSuccess"
            }
            return .applied(
                CallReceipt(
                    block: reference, extrinsic: index, events: try own.map { try LedgerEvent($0, metadata) }))
        case nil:
            throw events.failure ?? SubstrateError(.malformed, "block \(header.number) does not tell how a call ended")
        }
    }
}
