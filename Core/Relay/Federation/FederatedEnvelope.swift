import RMB

/// An envelope on its way to a relay of its destination.
struct FederatedEnvelope: Sendable {
    let envelope: RoutedEnvelope
    /// Who is told when it goes nowhere.
    let sender: RelayAddress
    /// Names of the relays of the destination.
    let relays: [String]
}
