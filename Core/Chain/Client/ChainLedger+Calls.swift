import Contracts
import JSON
import Signatures
import Substrate

extension ChainLedger {
    /// How often a call is signed anew because its nonce was taken or the runtime changed.
    private static var attempts: Int { 5 }
    /// Blocks for which a call is valid, so that a lost one cannot surface later.
    private static var period: UInt64 { 64 }

    /// What came of one signed call.
    enum Fate: Sendable {
        case applied(CallReceipt)
        case failed(CallFailure)
        /// It cannot take effect any more; signing it anew can help.
        case obsolete(CallRefusal)
        /// Nobody said.
        case unknown(String)
    }

    /// A call as it was signed, with what is needed to find it again.
    struct Prepared: Sendable {
        let session: ChainSession
        let runtime: ChainRuntime
        let extrinsic: SignedExtrinsic
        /// The finalised head when it was signed: it can only be in a later block.
        let signedAt: UInt32
        let isValidBefore: UInt32
    }

    public func submit(_ call: LedgerCall, by key: KeyPair) async throws(CallFailure) -> CallReceipt {
        let account = AccountID(key.publicKey)
        await lanes.enter(account)
        defer { lanes.leave(account) }
        var attempt = 1
        var pause = settings.retryPause.lowerBound
        while true {
            let prepared = try await prepare(call, account, key)
            var fate = await send(prepared)
            if case .unknown(let reason) = fate {
                log.warning("the outcome of a call is not known, looking for it", metadata: ["reason": "\(reason)"])
                fate = await search(for: prepared, reason)
            }
            switch fate {
            case .applied(let receipt): return receipt
            case .failed(let failure): throw failure
            case .unknown(let reason): throw .unavailable(reason: LedgerUnavailable(.timedOut, reason))
            case .obsolete(let refusal):
                guard attempt < Self.attempts, !Task.isCancelled else { throw .refused(refusal: refusal) }
                attempt += 1
                // Cancelled: the next question fails at once.
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, settings.retryPause.upperBound)
            }
        }
    }

    /// Signs the call for the runtime of the newest block, mortal from the finalised head.
    private func prepare(
        _ call: LedgerCall, _ account: AccountID, _ key: KeyPair
    ) async throws(CallFailure) -> Prepared {
        let facts: (ChainSession, ChainRuntime, ChainSession.Place, UInt64)
        do {
            facts = try await pool.attempt { session in
                let newest = try await session.newestHash()
                let runtime = try await session.runtime(at: newest)
                return (session, runtime, session.head, try await session.nextNonce(of: account, newest, runtime))
            }
        } catch {
            throw .unavailable(reason: error)
        }
        let (session, runtime, head, nonce) = facts
        do throws(SubstrateError) {
            let era = try ExtrinsicEra(period: Self.period, at: UInt64(head.number))
            let context = SigningContext(
                genesisHash: session.genesis, specVersion: runtime.version.specVersion,
                transactionVersion: runtime.version.transactionVersion, nonce: nonce, era: era, eraHash: head.hash)
            let extrinsic = try runtime.metadata.sign(
                try runtime.metadata.encode(call.runtimeCall), context, with: key)
            return Prepared(
                session: session, runtime: runtime, extrinsic: extrinsic, signedAt: head.number,
                isValidBefore: UInt32(clamping: UInt64(head.number) + Self.period))
        } catch {
            switch error.code {
            case .cannotSign, .valueMismatch:
                throw .refused(refusal: CallRefusal(.malformed, "the call cannot be signed: \(error.message)"))
            default: throw .unavailable(reason: LedgerUnavailable(.malformed, error.message))
            }
        }
    }

    /// Submits and watches until the call is in a block.
    private func send(_ prepared: Prepared) async -> Fate {
        let (session, hash) = (prepared.session, prepared.extrinsic.hash)
        let text = JSONValue.string(HexText.encode(prepared.extrinsic.bytes))
        do {
            let fate: Fate? = try await withSilenceLimit(settings.statusTimeout) { heart in
                try await session.rpc.subscribe(
                    "author_submitAndWatchExtrinsic", [text], ending: "author_unwatchExtrinsic"
                ) { news in
                    for try await value in news {
                        heart.beat()
                        switch ExtrinsicStatus(value) {
                        case .waiting: continue
                        case .inBlock(let block), .finalized(let block):
                            return try await session.fate(of: hash, in: block)
                                ?? .unknown("the block that is said to hold the call does not")
                        case .usurped: return .obsolete(CallRefusal(.outdated, "another call took its nonce"))
                        case .failed(let status):
                            return .failed(
                                .refused(refusal: CallRefusal(.poolFull, "the chain let go of the call: \(status)")))
                        case .unknown: return .unknown("the chain lost sight of the call")
                        }
                    }
                    return .unknown("the endpoint ended its news of the call")
                }
            }
            return fate ?? .unknown("no status of the call for \(settings.statusTimeout)")
        } catch RPCError.refused(let failure) {
            return await refused(failure, prepared)
        } catch {
            return .unknown("\(error)")
        }
    }

    /// The endpoint did not take the call.
    private func refused(_ failure: RPCFailure, _ prepared: Prepared) async -> Fate {
        let text = failure.data.isEmpty ? failure.message : "\(failure.message): \(failure.data)"
        switch failure.submission {
        case .refreshNonce: return .obsolete(CallRefusal(.outdated, text))
        case .alreadyKnown: return .unknown(text)
        case .unsupported: return await sendUnwatched(prepared)
        case .failed:
            // A call that was signed for a runtime of before looks like one with a wrong signature.
            let newest = try? await prepared.session.runtime(at: prepared.session.newestHash())
            if let newest, newest.version != prepared.runtime.version {
                return .obsolete(CallRefusal(.badProof, text))
            }
            return .failed(.refused(refusal: CallRefusal(failure.refusalCode, text)))
        }
    }

    /// For endpoints that let nobody watch: the blocks tell.
    private func sendUnwatched(_ prepared: Prepared) async -> Fate {
        do {
            _ = try await prepared.session.rpc.call(
                "author_submitExtrinsic", [.string(HexText.encode(prepared.extrinsic.bytes))])
            return .unknown("the endpoint gives no news of calls")
        } catch {
            guard case .refused(let failure) = error, !failure.isUnsupported else { return .unknown("\(error)") }
            return await refused(failure, prepared)
        }
    }

    /// Looks for the call in the blocks since it was signed, at whatever endpoint there is. It may be in none yet.
    private func search(for prepared: Prepared, _ reason: String) async -> Fate {
        let deadline = ContinuousClock.now + settings.searchFor
        var next = prepared.signedAt &+ 1
        while !Task.isCancelled {
            do {
                let found: (Fate?, UInt32) = try await pool.attempt { session in
                    let newest = try await session.header(session.newestHash()).number
                    // The newest blocks may be replaced by others: they are looked at again next time.
                    let final = session.head.number
                    guard next <= newest else { return (nil, next) }
                    for number in next...min(newest, prepared.isValidBefore) {
                        guard let block = try await session.hash(of: number) else { break }
                        if let fate = try await session.fate(of: prepared.extrinsic.hash, in: block) {
                            return (fate, number)
                        }
                    }
                    if final >= prepared.isValidBefore {
                        return (.obsolete(CallRefusal(.outdated, "the call expired before it was in a block")), final)
                    }
                    return (nil, max(next, min(final, newest) &+ 1))
                }
                if let fate = found.0 { return fate }
                next = found.1
            } catch {
                log.debug("the search for a call goes on", metadata: ["reason": "\(error)"])
            }
            guard .now < deadline else { break }
            try? await Task.sleep(for: settings.retryPause.lowerBound)  // Cancelled: the loop's condition ends it.
        }
        return .unknown("\(reason); the call was not found in a block yet: look at its effect before it is repeated")
    }
}

extension RPCFailure {
    /// Why a call was not let in, as far as the text tells.
    fileprivate var refusalCode: CallRefusal.Code {
        let text = (message + data).lowercased()
        if code == 1016 || text.contains("pool is full") { return .poolFull }
        if text.contains("fees") || text.contains("payment") { return .payment }
        if text.contains("bad signature") || text.contains("bad proof") { return .badProof }
        if text.contains("future") { return .future }
        return .malformed
    }
}
