/// Why a call had no effect. The three cases ask for different things: repeat later, sign anew, give up.
public enum CallFailure: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// No answer: the call may or may not have been applied. Read the state before repeating it.
    case unavailable(reason: LedgerUnavailable)
    /// Refused before it was applied: no event, no nonce used.
    case refused(refusal: CallRefusal)
    /// Applied and failed: the nonce is used, nothing else changed.
    case failed(error: LedgerError, block: UInt32)

    /// The chain's name of the error of a failed call.
    public var errorName: String? { if case .failed(let error, _) = self { error.name } else { nil } }

    public var description: String {
        switch self {
        case .unavailable(let reason): "the ledger gave no answer: \(reason)"
        case .refused(let refusal): "the ledger refused the call: \(refusal)"
        case .failed(let error, let block): "the call failed in block \(block): \(error)"
        }
    }
}

/// Why a call was not let in (error 1010 on the chain).
public struct CallRefusal: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable, Codable {
        /// The nonce was used already.
        case outdated
        /// The nonce is ahead of the account's.
        case future
        /// Wrong signature, genesis or version.
        case badProof
        /// The account cannot pay the fee.
        case payment
        /// It cannot be decoded.
        case malformed
        /// The ledger knows no such call.
        case unknownCall
        /// Too many calls wait already.
        case poolFull
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
