import Naming
import Signatures

extension RelayEnvelope {
    /// What is digested: the covered members with nothing between them (`docs/spec/rmb-relay.md` section 3).
    ///
    /// A missing address counts as nothing, as in Go. The Rust peer counts it as `0`, so no such envelope is ever
    /// admitted or sent.
    public var challenge: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((payload?.bytes.count ?? 0) + 256)
        text += uid.utf8
        if let tags { text += tags.utf8 }
        text += String(lifetime.timestamp).utf8
        text += String(lifetime.expiration).utf8
        for address in [source, destination] {
            guard let address else { continue }
            text += String(address.twin).utf8
            if let session = address.session { text += session.utf8 }
        }
        switch message {
        case .request(let command): text += command.utf8
        case .error(let code, let message):
            text += String(code).utf8
            text += message.utf8
        case .response, .ping, .pong, nil: break
        }
        if let schema { text += schema.utf8 }
        if let federation { text += federation.utf8 }
        if let payload { text += payload.bytes }
        for relay in relays { text += relay.utf8 }
        return text
    }

    /// The MD5 of the challenge, 16 bytes: what is signed and what the replay guard remembers.
    public var digest: [UInt8] { MD5.digest(challenge) }

    /// Sets the signature over all that is set already.
    public mutating func sign(with key: KeyPair) { signature = TypedSignature(of: digest, by: key).written }

    /// - Throws: `badSignature` when there is none, or none of exactly 65 bytes with a known type.
    public func typedSignature() throws(RMBError) -> TypedSignature {
        guard let signature else { throw RMBError(.badSignature, "the envelope is not signed") }
        return try TypedSignature(signature)
    }

    /// - Throws: `badSignature`.
    public func verifySignature(by key: PublicKey) throws(RMBError) {
        guard try typedSignature().isValid(for: digest, by: key) else { throw RMBMessage.badSignature }
    }
}
