/// One message between peers of a relay, as it is on the wire (`docs/spec/rmb-relay.md` section 2).
///
/// Nothing in it is to be believed before `EnvelopeVerifier` admitted it.
public struct RelayEnvelope: Sendable, Equatable {
    /// What kind of message it is. No signature covers the kind, only what is inside.
    public enum Message: Sendable, Equatable {
        case request(command: String)
        case response
        case error(code: UInt32, text: String)
        case ping
        case pong
    }

    /// What it carries. No signature covers which of the two it is, only the bytes.
    public enum Payload: Sendable, Equatable {
        case plain([UInt8])
        /// In the form of `SharedKey.seal`.
        case cipher([UInt8])

        public var bytes: [UInt8] {
            switch self {
            case .plain(let bytes), .cipher(let bytes): bytes
            }
        }
    }

    /// Most bytes of an envelope on the wire.
    public static let sizeLimit = 1 << 20
    /// Most names in `relays`; peers fill in their own, four at most by convention.
    static let relaysLimit = 64
    /// The schema of every payload that peers of the grid send.
    public static let jsonSchema = "application/json"

    /// The id of the exchange, repeated by the answer.
    public var uid = ""
    public var tags: String?
    /// Unix seconds of the sending, and how long it lives from then on.
    public var lifetime = EnvelopeLifetime(timestamp: 0, expiration: 0)
    public var source: RelayAddress?
    public var destination: RelayAddress?
    public var message: Message?
    public var payload: Payload?
    public var schema: String?
    /// No longer in use; peers still fill them in, and signatures cover them.
    public var federation: String?
    public var relays: [String] = []
    /// In the form of `TypedSignature`, if it is one.
    public var signature: [UInt8]?

    public init() {}

    /// Whether relays shall answer at once when the destination is not connected: `fail-fast` among the tags.
    public var isFailFast: Bool {
        guard let tags else { return false }
        return tags.unicodeScalars.split { $0 == "," || $0.properties.isWhitespace }
            .contains { $0.elementsEqual("fail-fast".unicodeScalars) }
    }
}
