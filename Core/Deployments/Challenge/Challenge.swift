import Naming
import Signatures

/// What the signers of a deployment agree to and its contract carries (docs/spec/deployment.md section 7).
public struct Challenge: Sendable {
    public enum Form: String, Sendable {
        /// All types are historic ones.
        case historic
        /// As an older generation of some type hashed (docs/spec/challenge-rules.md section 3.4).
        case former
        /// At least one type is new (section 4).
        case canonical
    }

    public let form: Form
    /// What is hashed. Holds secrets in the historic form: never logged.
    public let preimage: [UInt8]
    /// 16 bytes.
    public let hash: [UInt8]
    /// The canonical document, in the canonical form. Holds secrets: never logged.
    public let document: String?

    init(_ form: Form, preimage: [UInt8], document: String? = nil) {
        self.form = form
        self.preimage = preimage
        self.document = document
        hash = MD5.digest(preimage)
    }

    /// The hash as the contract carries it: 32 lower-case hex digits.
    public var hex: String { Hex.encode(hash) }

    /// What is signed under the signature style of a deployment.
    public func message(style: String) -> [UInt8] { SignatureRequirement(style: style).message(hash: hash) }
}

extension Challenge: CustomStringConvertible {
    /// The hash alone: preimages and documents hold secrets.
    public var description: String { "\(form.rawValue) challenge \(hex)" }
}
