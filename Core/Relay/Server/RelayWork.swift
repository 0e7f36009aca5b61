import RMB

/// What event loops leave to tasks: whatever may have to ask the ledger.
enum RelayWork: Sendable {
    /// May a connection with this query become a session?
    case admission(query: String?, Pending<TokenDoor.Admission>)
    /// An envelope from another relay.
    case federated([UInt8], from: NetworkSource, Pending<DoorReply>)
    case figures(Pending<DoorReply>)
    /// A connection that became a session.
    case session(RelayAddress, PeerLink)
}
