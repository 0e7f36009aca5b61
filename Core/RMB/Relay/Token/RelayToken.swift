import JSON
import Signatures

/// What a peer shows a relay to be let in: a JWS in compact form whose signature is the twin's
/// (`docs/spec/rmb-relay.md` section 4).
///
/// It says `RS512` and is none: the 65 bytes of a twin's signature stand over the ASCII text itself.
public struct RelayToken: Sendable {
    /// Seconds that tokens of ours live. They end in the logs of relays, so not for long.
    public static let lifetime: Int64 = 60
    /// Most bytes of a token: a session's name of 90 bytes that JSON writes six times as long fits.
    static let sizeLimit = 2048

    public let address: RelayAddress
    /// Unix seconds. Relays never look at the first.
    public let issued: Int64
    public let expires: Int64

    private let algorithm: String
    private let signedText: [UInt8]
    private let signature: [UInt8]

    /// A token of our own, as the query of the relay's address.
    public static func make(
        for twin: UInt32, session: SessionName?, key: KeyPair, at now: UnixTime
    ) -> String {
        let sid = session.map { "\"sid\":\(JSONValue.string($0.description).text)," } ?? ""
        let claims = "{\"exp\":\(now.seconds + lifetime),\"iat\":\(now.seconds),\(sid)\"sub\":\(twin)}"
        let text = [#"{"alg":"RS512","typ":"JWT"}"#, claims].map { Base64URL.encode(Array($0.utf8)) }
            .joined(separator: ".")
        return "\(text).\(Base64URL.encode(TypedSignature(of: Array(text.utf8), by: key).written))"
    }

    /// Reads a token; nothing in it is to be believed before `verify`.
    /// - Throws: `malformed`.
    public init(parsing text: String) throws(RMBError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= Self.sizeLimit, parts.count == 3, let header = Self.json(parts[0]),
            let claims = Self.json(parts[1]), let signature = Base64URL.decode(parts[2])
        else { throw Self.malformed("this is no token") }
        guard let sub = claims["sub"]?.uint64Value, let twin = UInt32(exactly: sub),
            let issued = claims["iat"]?.int64Value, let expires = claims["exp"]?.int64Value
        else { throw Self.malformed("sub, iat and exp are needed") }
        var session: String?
        if let sid = claims["sid"], !sid.isNull {
            guard let name = sid.stringValue, name.utf8.count <= SessionName.lengthLimit else {
                throw Self.malformed("sid is a text of at most \(SessionName.lengthLimit) bytes")
            }
            session = name
        }
        address = RelayAddress(twin: twin, session: session)
        self.issued = issued
        self.expires = expires
        algorithm = header["alg"]?.stringValue ?? ""
        signedText = Array("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
    }

    public func isExpired(at now: UnixTime) -> Bool { now.seconds > expires }

    /// - Parameter key: the account's of the twin in `address`.
    /// - Throws: `tooOld`, or `badSignature` also for another algorithm's name.
    public func verify(by key: PublicKey, at now: UnixTime) throws(RMBError) {
        guard !isExpired(at: now) else { throw RMBError(.tooOld, "jwt has expired") }
        guard algorithm.utf8.elementsEqual("RS512".utf8) else {
            throw RMBError(.badSignature, "jwt: the algorithm is not RS512")
        }
        guard try TypedSignature(signature).isValid(for: signedText, by: key) else {
            throw RMBError(.badSignature, "jwt: wrong signature")
        }
    }

    private static func json(_ part: String) -> JSONValue? {
        guard let bytes = Base64URL.decode(part) else { return nil }
        return try? JSONValue(
            parsing: bytes, mode: .lenient, limits: JSONLimits(maxBytes: sizeLimit, maxDepth: 8))
    }

    private static func malformed(_ why: String) -> RMBError { RMBError(.malformed, "jwt: \(why)") }
}
