/// One message between twins, as it is on the wire (`docs/spec/rmb-direct.md` section 2).
///
/// Nothing in it is to be believed before `MessageVerifier` made a `VerifiedMessage` of it, and even then not
/// `expiration`, `retries`, `schema` and `error`, which no signature covers.
public struct RMBMessage: Sendable {
    /// The return list of ordinary calls, the only one that is accepted over the network.
    public static let replyQueue = "msgbus.system.reply"
    /// Most bytes of a message in its JSON form.
    public static let sizeLimit = 1 << 20

    public var version: Int64 = 1
    public var uid = ""
    public var command = ""
    /// Seconds from `now`; 0 means 3600.
    public var expiration: Int64 = 0
    public var retries: Int64 = 0
    /// The payload in padded base64; in results of the proxy queue the plain text.
    public var data = ""
    public var source: Int64 = 0
    /// nil is written as `null`, as peers do for none.
    public var destinations: [Int64]?
    public var returnQueue = RMBMessage.replyQueue
    public var schema = ""
    /// Unix seconds of the signing.
    public var now: Int64 = 0
    public var isProxied = false
    public var error = ""
    /// Hexadecimal: a type byte, then 64 bytes.
    public var signature = ""

    public init() { destinations = nil }
}
