import Contracts
import JSON
import Substrate

/// The errors that the face answers with, by the numbers of Substrate's nodes (docs/spec/tfchain.md sections 1 and 8).
extension RPCFailure {
    static let unreadable = RPCFailure(code: -32700, message: "Parse error")
    static let invalidRequest = RPCFailure(code: -32600, message: "Invalid request")
    static let unknownMethod = RPCFailure(code: -32601, message: "Method not found")
    static let internalError = RPCFailure(code: -32603, message: "Internal error")

    static func badParameter(_ what: String) -> RPCFailure {
        RPCFailure(code: -32602, message: "Invalid params", data: what)
    }

    static func unknownBlock(_ hash: HexBytes) -> RPCFailure {
        RPCFailure(code: -32000, message: "Client error: UnknownBlock: Header was not found: 0x\(hash.text)")
    }

    init(_ unavailable: LedgerUnavailable) {
        switch unavailable.reason {
        case .pruned:
            self.init(
                code: -32000, message: "Client error: UnknownBlock: State already discarded", data: unavailable.message)
        case .unreachable, .timedOut, .malformed, .storage:
            self.init(code: -32603, message: "Internal error", data: unavailable.message)
        }
    }

    /// A call that was not let in.
    init(_ refusal: CallRefusal) {
        let invalid = "Invalid Transaction"
        switch refusal.code {
        case .outdated: self.init(code: 1010, message: invalid, data: "Transaction is outdated")
        case .future: self.init(code: 1010, message: invalid, data: "Transaction will be valid in the future")
        case .badProof: self.init(code: 1010, message: invalid, data: "Transaction has a bad signature")
        case .payment:
            self.init(
                code: 1010, message: invalid, data: "Inability to pay some fees (e.g. account balance too low)")
        case .unknownCall: self.init(code: 1010, message: invalid, data: "Transaction call is not expected")
        case .malformed: self.init(code: 1001, message: "Extrinsic has invalid format", data: refusal.message)
        case .poolFull: self.init(code: 1016, message: "Immediately Dropped", data: refusal.message)
        }
    }

    /// As it goes into an answer.
    var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember(key: "code", value: .number(JSONNumber(code))),
            JSONMember(key: "message", value: .string(message)),
        ]
        if !data.isEmpty { members.append(JSONMember(key: "data", value: .string(data))) }
        return .object(JSONObject(members: members))
    }
}
