/// Who has to sign a deployment, and the signatures given (`docs/spec/deployment.md` section 8).
public struct SignatureRequirement: Sendable, Hashable {
    /// The one style that changes what is signed.
    public static let walletStyle = "polka-wallet"

    public var requests: [SignatureRequest]
    public var weightRequired: UInt64
    public var signatures: [TwinSignature]
    public var style: String

    public init(
        requests: [SignatureRequest] = [], weightRequired: UInt64 = 0, signatures: [TwinSignature] = [],
        style: String = ""
    ) {
        self.requests = requests
        self.weightRequired = weightRequired
        self.signatures = signatures
        self.style = style
    }

    /// The usual requirement of a client: the owner signs alone.
    public static func owner(_ twin: UInt32) -> SignatureRequirement {
        SignatureRequirement(requests: [SignatureRequest(twin: twin)], weightRequired: 1)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.requests == right.requests && left.weightRequired == right.weightRequired
            && left.signatures == right.signatures && left.style.utf8.elementsEqual(right.style.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(requests)
        hasher.combine(weightRequired)
        for byte in style.utf8 { hasher.combine(byte) }
    }

    /// What is signed: the 16 bytes of the deployment's hash, or their hexadecimal text as wallets wrap it.
    public func message(hash: [UInt8]) -> [UInt8] {
        style.utf8.elementsEqual(Self.walletStyle.utf8) ? Array("<Bytes>\(Hex.encode(hash))</Bytes>".utf8) : hash
    }

    /// Adds the twin's signature of the deployment's hash. It replaces the text of the twin's first entry, which keeps
    /// its type, else it is appended with the key's scheme.
    public mutating func sign(hash: [UInt8], as twin: UInt32, with key: KeyPair) {
        let text = Hex.encode(key.sign(message(hash: hash)))
        if let index = signatures.firstIndex(where: { $0.twin == twin }) {
            signatures[index].signature = text
        } else {
            signatures.append(TwinSignature(twin: twin, signature: text, type: key.scheme.rawValue))
        }
    }
}
