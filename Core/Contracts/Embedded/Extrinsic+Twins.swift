// docs/spec/ledger.md section 4.
extension Extrinsic {
    mutating func createTwin(_ account: AccountID, _ relay: String?, _ pk: HexBytes?) throws {
        if settings.requiresTerms {
            guard try state.value(.terms(account), as: TermsAcceptance.self) != nil else {
                throw LedgerError.grid("UserDidNotSignTermsAndConditions")
            }
        }
        guard try state.value(.twinByAccount(account), as: UInt32.self) == nil else {
            throw LedgerError.grid("TwinWithPubkeyExists")
        }
        try checkRelay(relay)
        let id = UInt32(truncatingIfNeeded: try state.next(.lastTwin))
        let twin = Twin(id: id, account: account, relay: relay, pk: pk)
        try state.set(.twin(id), twin)
        try state.set(.twinByAccount(account), id)
        emit(.twinStored(twin: twin))
    }

    mutating func updateTwin(_ account: AccountID, _ relay: String?, _ pk: HexBytes?) throws {
        let id = try twin(of: account, .grid)
        try checkRelay(relay)
        let twin = Twin(id: id, account: account, relay: relay, pk: pk)
        try state.set(.twin(id), twin)
        emit(.twinUpdated(twin: twin))
    }

    mutating func acceptTerms(_ account: AccountID, _ document: String, _ hash: String) throws {
        try state.set(.terms(account), TermsAcceptance(timestamp: seconds, document: document, hash: hash))
    }

    /// 1–1024 bytes of `A-Z a-z 0-9 - _ .`; no dot first, last or right after another.
    private func checkRelay(_ relay: String?) throws {
        guard let bytes = relay.map({ Array($0.utf8) }) else { return }
        let dot = UInt8(ascii: ".")
        let hasGoodLength = (1...1024).contains(bytes.count)
        let hasGoodCharacters = bytes.allSatisfy { $0.isLetterOrDigit || $0 == dot || $0.isDash }
        let hasGoodDots =
            bytes.first != dot && bytes.last != dot
            && !zip(bytes, bytes.dropFirst()).contains { $0 == dot && $1 == dot }
        guard hasGoodLength, hasGoodCharacters, hasGoodDots else { throw LedgerError.grid("InvalidRelayAddress") }
    }
}

extension UInt8 {
    /// Of ASCII.
    var isLetterOrDigit: Bool {
        isLowerOrDigit || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }

    /// Of ASCII.
    var isLowerOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    /// `-` or `_`.
    var isDash: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: "_") }
}
