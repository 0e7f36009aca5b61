import Naming
import Signatures

extension RMBMessage {
    /// The text that is signed: the covered members with nothing between them (`docs/spec/rmb-direct.md` section 3).
    public var challenge: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(data.utf8.count + 160)
        text += String(version).utf8
        text += uid.utf8
        text += command.utf8
        text += data.utf8
        text += String(source).utf8
        for destination in destinations ?? [] { text += String(destination).utf8 }
        text += returnQueue.utf8
        text += String(now).utf8
        text += isProxied ? "true".utf8 : "false".utf8
        return text
    }

    /// The MD5 of the challenge, 16 bytes: what signatures are made over and what the replay guard remembers.
    public var digest: [UInt8] { MD5.digest(challenge) }

    /// Sets `now` and the signature.
    public mutating func sign(with key: KeyPair, at time: UnixTime) {
        now = time.seconds
        signature = Hex.encode(TypedSignature(of: digest, by: key).written)
    }

    /// Checks the signature against the account key of the source twin.
    /// - Parameter digest: the message's digest, for callers that have it already.
    /// - Returns: the scheme that the signature's type byte selected.
    /// - Throws: `badSignature` with the texts of section 3. Exactly 65 bytes are accepted.
    @discardableResult
    public func verifySignature(by key: PublicKey, digest: [UInt8]? = nil) throws(RMBError) -> KeyScheme {
        let signature = try decodedSignature()
        guard signature.isValid(for: digest ?? self.digest, by: key) else { throw Self.badSignature }
        return signature.scheme
    }

    static var badSignature: RMBError { RMBError(.badSignature, "couldn't verify signature") }

    func decodedSignature() throws(RMBError) -> TypedSignature {
        guard !signature.isEmpty else {
            throw RMBError(
                .badSignature,
                "signature field is empty, visit the project github repo for instructions to update")
        }
        let bytes: [UInt8]
        do { bytes = try Hex.decode(signature) } catch {
            throw RMBError(.badSignature, "couldn't decode signature: \(error)")
        }
        return try TypedSignature(bytes)
    }
}
