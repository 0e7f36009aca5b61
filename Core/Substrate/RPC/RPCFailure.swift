import JSON

/// The error of a JSON-RPC answer.
public struct RPCFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: Int64
    public let message: String
    /// Often a text with the true reason; empty if there is none.
    public let data: String

    public init(code: Int64, message: String, data: String = "") {
        self.code = code
        self.message = message
        self.data = data
    }

    init(_ value: JSONValue) {
        let data = value["data"] ?? .null
        self.init(
            code: value["code"]?.int64Value ?? 0, message: value["message"]?.stringValue ?? "no message",
            data: data.stringValue ?? (data.isNull ? "" : data.text))
    }

    public var description: String { data.isEmpty ? "\(message) (\(code))" : "\(message): \(data) (\(code))" }

    /// Whether the endpoint no longer keeps the state of the block that was asked for (docs/spec/tfchain.md section 1).
    public var isPruned: Bool {
        code == -32000 || message.contains("State already discarded") || message.contains("UnknownBlock")
    }

    /// The endpoint has no such method.
    public var isUnsupported: Bool { code == -32601 }

    /// What a refused submission asks for (docs/spec/tfchain.md section 8).
    public var submission: SubmissionAdvice {
        switch code {
        case 1010: data.contains("outdated") ? .refreshNonce : .failed
        case 1014: .refreshNonce
        case 1013: .alreadyKnown
        case -32601: .unsupported
        default: .failed
        }
    }
}

/// What to do about an extrinsic that was refused at the door.
public enum SubmissionAdvice: String, Sendable, Hashable {
    /// It can never be applied as it is.
    case failed
    /// Its nonce was used: fetch it again, sign again.
    case refreshNonce = "refresh_nonce_and_retry"
    /// It is in the pool or in a block already: watch the effect.
    case alreadyKnown = "already_known"
    /// The endpoint does not take extrinsics in this way.
    case unsupported
}
