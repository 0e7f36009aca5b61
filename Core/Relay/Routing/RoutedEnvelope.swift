import RMB

/// What a relay looks at in an envelope. Never the payload, and never the signature.
struct RoutedEnvelope: Sendable {
    enum Kind: Sendable { case request, ping, other }

    let uid: String
    let kind: Kind
    let source: RelayAddress?
    let destination: RelayAddress?
    /// The sender would rather have an error than wait.
    let failsFast: Bool
    let lifetime: EnvelopeLifetime
    /// As they came: they are passed on unchanged.
    let bytes: [UInt8]

    /// - Throws: `tooLarge` or `malformed`.
    init(parsing bytes: [UInt8]) throws(RMBError) {
        let envelope = try RelayEnvelope(parsing: bytes)
        uid = envelope.uid
        kind =
            switch envelope.message {
            case .request: .request
            case .ping: .ping
            default: .other
            }
        source = envelope.source
        destination = envelope.destination
        failsFast = envelope.isFailFast
        lifetime = envelope.lifetime
        self.bytes = bytes
    }

    /// When its life ends, in Unix seconds; nil if it is over, and if the end does not fit 64 bits.
    func deadline(at now: UnixTime) -> UInt64? {
        lifetime.remaining(at: now).map { UInt64(clamping: now.seconds) + $0 }
    }
}
