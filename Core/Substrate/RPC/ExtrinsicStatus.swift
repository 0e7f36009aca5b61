import JSON

/// A status of a watched extrinsic (docs/spec/tfchain.md section 8).
public enum ExtrinsicStatus: Sendable, Hashable {
    /// Future, ready, broadcast or retracted: the next status says more.
    case waiting
    case inBlock([UInt8])
    case finalized([UInt8])
    /// Another extrinsic took its nonce: sign again with a fresh one.
    case usurped
    /// Dropped or invalid: it will not be applied.
    case failed(String)
    /// Nobody can say whether it was applied: look at its effect before it is sent again.
    case unknown

    /// Reads a status. One that is not known is waited through.
    public init(_ value: JSONValue) {
        let name: String
        var payload = JSONValue.null
        if let text = value.stringValue {
            name = text
        } else if let member = value.objectValue?.members.first, value.objectValue?.members.count == 1 {
            (name, payload) = (member.key, member.value)
        } else {
            self = .waiting
            return
        }
        switch name {
        case "inBlock", "finalized":
            // Without the block there is nothing to look into.
            guard let hash = payload.stringValue.flatMap(HexText.decode), hash.count == 32 else {
                self = .unknown
                return
            }
            self = name == "inBlock" ? .inBlock(hash) : .finalized(hash)
        case "usurped": self = .usurped
        case "dropped", "invalid": self = .failed(name)
        case "finalityTimeout": self = .unknown
        default: self = .waiting
        }
    }
}
