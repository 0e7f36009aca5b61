/// How envelopes get to other relays; tests bring their own.
protocol RelayTransport: Sendable {
    func post(_ envelope: [UInt8], to relay: RemoteRelays.Place) async -> RemoteAnswer
}

/// What another relay made of an envelope.
enum RemoteAnswer: Sendable, Equatable {
    case accepted
    /// For good: the text of the refusal.
    case refused(String)
    /// It may work later, or at another relay.
    case failed(String)
}
