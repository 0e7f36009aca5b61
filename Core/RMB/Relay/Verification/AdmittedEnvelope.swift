/// An envelope that passed every check. Only `EnvelopeVerifier` can make one.
public enum AdmittedEnvelope: Sendable {
    case request(AdmittedRequest)
    /// The answer to a request of ours, from the twin that was asked.
    case answer(uid: String, from: VerifiedTwin, Answer)
    /// What a relay says about a request of ours that it could not deliver. Nobody signed it.
    case relayError(uid: String, text: String)

    public enum Answer: Sendable, Equatable {
        /// The payload, decrypted.
        case success([UInt8])
        case failure(code: UInt32, text: String)
    }
}

/// A request for us, with a proven sender and a decrypted payload.
public struct AdmittedRequest: Sendable {
    public let uid: String
    public let sender: VerifiedTwin
    /// Where the answer goes: twin and session.
    public let source: RelayAddress
    public let command: CommandName
    public let payload: [UInt8]
    /// What the replay guard remembers.
    let digest: [UInt8]
    /// Unix seconds until which an answer is of use.
    let deadline: Int64
    /// False for one that was taken in before.
    let isFirst: Bool

    init(
        uid: String, sender: VerifiedTwin, source: RelayAddress, command: CommandName, payload: [UInt8],
        digest: [UInt8], deadline: Int64, isFirst: Bool
    ) {
        self.uid = uid
        self.sender = sender
        self.source = source
        self.command = command
        self.payload = payload
        self.digest = digest
        self.deadline = deadline
        self.isFirst = isFirst
    }
}
