import RMB

/// What a relay itself says to a peer.
enum RelayAnswers {
    /// Seconds that an error may travel.
    static let errorLifetime: UInt64 = 300

    /// An error without source and signature, as the grid's relays send it (docs/spec/rmb-relay.md section 6).
    static func error(_ text: String, uid: String, to peer: RelayAddress, at now: UnixTime) -> [UInt8] {
        var envelope = RelayEnvelope()
        envelope.uid = uid
        envelope.lifetime = EnvelopeLifetime(sentAt: now, seconds: errorLifetime)
        envelope.destination = peer
        envelope.message = .error(code: 0, text: text)
        return envelope.encoded
    }

    /// The answer to an envelope that pings: addresses swapped, the text longer. Its signature is the ping's, so it does
    /// not verify (section 5).
    /// - Throws: `malformed`, as for every envelope.
    static func pong(_ ping: [UInt8]) throws(RMBError) -> [UInt8] {
        var envelope = try RelayEnvelope(parsing: ping)
        (envelope.source, envelope.destination) = (envelope.destination, envelope.source)
        envelope.message = .pong
        var text: [UInt8] = []
        if case .plain(let bytes) = envelope.payload { text = bytes }
        envelope.payload = .plain(text + Array("hello world".utf8))
        return envelope.encoded
    }
}
