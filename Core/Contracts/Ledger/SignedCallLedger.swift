import Signatures

/// A ledger that takes calls as this project signs them: the embedded one, at either end of its socket.
public protocol SignedCallLedger: Ledger {
    /// Applies a signed call and answers when it is in a block.
    func submit(_ call: SignedCall) async throws(CallFailure) -> CallReceipt
    /// The nonce that the next call of an account must carry; calls that wait for their block count.
    func nextNonce(of account: AccountID) async throws(LedgerUnavailable) -> UInt32
}

extension SignedCallLedger {
    /// How often a call is signed anew because another one took its nonce.
    private static var attempts: Int { 5 }

    public func submit(_ call: LedgerCall, by key: KeyPair) async throws(CallFailure) -> CallReceipt {
        var attempt = 1
        while true {
            let signed: SignedCall
            do {
                let genesis = try await genesisHash()
                let nonce = try await nextNonce(of: AccountID(key.publicKey))
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
