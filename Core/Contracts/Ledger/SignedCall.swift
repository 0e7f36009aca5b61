import JSON
import Signatures

/// A call with everything that makes it valid exactly once, on exactly one ledger, for exactly one account.
///
/// What is signed is the canonical JSON (RFC 8785) of all members but the signature.
public struct SignedCall: ProvenCall, Hashable {
    /// Keeps these signatures apart from everything else that the same key signs.
    public static let domain = "zos-ledger-call"
    /// The version of the rules that the call was made for: the pallets' spec version.
    public static let specVersion: UInt32 = 149
    /// The signed bytes of a call stay far below this; what is longer is not looked at.
    static let maxBytes = 256 << 10

    public let account: AccountID
    public let scheme: KeyScheme
    public let nonce: UInt32
    public let genesis: HexBytes
    public let call: LedgerCall
    public let signature: HexBytes
    /// The object that was signed, as received.
    let payload: JSONValue

    /// Signs a call.
    /// - Throws: `malformed` if a number of the call does not fit canonical JSON (above 2^53−1).
    public init(_ call: LedgerCall, nonce: UInt32, genesis: HexBytes, key: KeyPair) throws(CallRefusal) {
        account = AccountID(key.publicKey)
        scheme = key.scheme
        self.nonce = nonce
        self.genesis = genesis
        self.call = call
        do {
            payload = try JSONValue(
                encoding: Payload(
                    account: account, call: call, domain: Self.domain, genesis: genesis, nonce: nonce,
                    scheme: key.scheme.rawValue, specVersion: Self.specVersion))
            signature = HexBytes(key.sign(Array(try payload.canonicalText().utf8)))
        } catch {
            throw CallRefusal(.malformed, "the call cannot be written as canonical JSON: \(error)")
        }
    }

    /// Reads a call that came from outside. The signature is not checked yet.
    init(_ value: JSONValue) throws(CallRefusal) {
        guard var object = value.objectValue else { throw CallRefusal(.malformed, "a signed call is an object") }
        do {
            signature = try (object["signature"] ?? .null).decode(HexBytes.self)
            object["signature"] = nil
            payload = .object(object)
            let parts = try payload.decode(Payload.self)
            guard parts.domain.utf8.elementsEqual(Self.domain.utf8), let scheme = KeyScheme(rawValue: parts.scheme)
            else {
                throw CallRefusal(.malformed, "the call's domain or signature scheme is unknown")
            }
            guard parts.specVersion == Self.specVersion else {
                throw CallRefusal(
                    .badProof, "the call is for version \(parts.specVersion), this ledger has \(Self.specVersion)")
            }
            account = parts.account
            self.scheme = scheme
            nonce = parts.nonce
            genesis = parts.genesis
            call = parts.call
        } catch let refusal as CallRefusal {
            throw refusal
        } catch {
            throw CallRefusal(.malformed, "the call cannot be read: \(error)")
        }
    }

    /// The call as it is sent.
    var json: JSONValue {
        guard var object = payload.objectValue else { return payload }
        object["signature"] = .string(signature.text)
        return .object(object)
    }

    public var tip: UInt64 { 0 }
    public var form: BlockExtrinsic { .signed(self) }

    /// Checks signature and genesis over exactly the received bytes.
    public func verify(in context: ProofContext) throws(CallRefusal) -> UInt32? {
        guard genesis == context.genesis else {
            throw CallRefusal(.badProof, "the call is for ledger \(genesis.text), this one is \(context.genesis.text)")
        }
        guard let text = try? payload.canonicalText() else {
            throw CallRefusal(.malformed, "the call has no canonical form")
        }
        guard text.utf8.count <= Self.maxBytes else {
            throw CallRefusal(.malformed, "the call is longer than \(Self.maxBytes) bytes")
        }
        guard account.key.isValid(signature.bytes, for: Array(text.utf8), scheme: scheme) else {
            throw CallRefusal(.badProof, "the signature of the call does not match its account")
        }
        return nil
    }

    private struct Payload: Codable {
        let account: AccountID
        let call: LedgerCall
        let domain: String
        let genesis: HexBytes
        let nonce: UInt32
        let scheme: String
        let specVersion: UInt32

        private enum CodingKeys: String, CodingKey {
            case account, call, domain, genesis, nonce, scheme, specVersion = "spec_version"
        }
    }
}
