import Signatures

extension Ledger {
    /// How often a call is signed anew because another one took its nonce.
    private static var attempts: Int { 5 }

    /// Signs a call with the account's next nonce and submits it. Callers that share an account may race: a nonce that
    /// was taken meanwhile is read again. A call that got no answer is not repeated.
    public func submit(_ call: LedgerCall, by key: KeyPair) async throws(CallFailure) -> CallReceipt {
        var attempt = 1
        while true {
            let signed: SignedCall
            do {
                let genesis = try await genesisHash()
                let nonce = try await account(AccountID(key.publicKey), at: .best).nonce
                signed = try SignedCall(call, nonce: nonce, genesis: genesis, key: key)
            } catch let reason as LedgerUnavailable {
                throw .unavailable(reason: reason)
            } catch let refusal as CallRefusal {
                throw .refused(refusal: refusal)
            } catch {
                throw .refused(refusal: CallRefusal(.malformed, "\(error)"))
            }
            do {
                return try await submit(signed)
            } catch {
                guard case .refused(let refusal) = error, attempt < Self.attempts,
                    refusal.code == .outdated || refusal.code == .future
                else { throw error }
                attempt += 1
            }
        }
    }
}
