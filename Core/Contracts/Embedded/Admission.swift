/// What the chain checks before a call gets into a block (docs/spec/ledger.md section 3).
struct Admission {
    /// The longest `data` of a node contract that decodes.
    private static let maxData = 512
    private static let maxPk = 128

    let settings: LedgerSettings

    /// What letting the call in costs.
    func price(of proof: any ProvenCall) -> UInt64 { settings.fee.addingClamped(proof.tip) }

    /// Nil for a call that may go in next.
    func refusal(of proof: any ProvenCall, from account: LedgerAccount) -> CallRefusal? {
        if proof.nonce < account.nonce {
            return CallRefusal(.outdated, "nonce \(proof.nonce) was used; the account is at \(account.nonce)")
        }
        if proof.nonce > account.nonce {
            return CallRefusal(.future, "nonce \(proof.nonce) is ahead; the account is at \(account.nonce)")
        }
        if let refusal = checkLengths(proof.call) { return refusal }
        let price = price(of: proof)
        guard account.free >= price else {
            return CallRefusal(.payment, "the account has \(account.free) units, the call costs \(price)")
        }
        guard account.nonce < UInt32.max else { return CallRefusal(.outdated, "the account has no nonces left") }
        return nil
    }

    /// Fields with a bound do not decode beyond it on the chain.
    private func checkLengths(_ call: LedgerCall) -> CallRefusal? {
        switch call {
        case .createNodeContract(_, _, let data, _, _) where data.bytes.count > Self.maxData,
            .updateNodeContract(_, _, let data) where data.bytes.count > Self.maxData:
            CallRefusal(.malformed, "the contract's data has \(data.bytes.count) bytes, at most \(Self.maxData) fit")
        case .createTwin(_, let pk?) where pk.bytes.count > Self.maxPk,
            .updateTwin(_, let pk?) where pk.bytes.count > Self.maxPk:
            CallRefusal(.malformed, "pk has \(pk.bytes.count) bytes, at most \(Self.maxPk) fit")
        default: nil
        }
    }
}

extension UInt64 {
    /// The sum, or the greatest number.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }

    /// The difference, or 0.
    func subtractingClamped(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}

extension LedgerCall {
    /// Whether a call that succeeds costs nothing (docs/spec/tfchain.md section 8).
    var isFree: Bool {
        switch self {
        case .reportContractResources, .addNRUReports, .reportUptime, .changePowerState, .updateNode: true
        default: false
        }
    }
}
