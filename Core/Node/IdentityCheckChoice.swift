/// Whether users must be verified by a service before the node takes their deployments.
public enum IdentityCheckChoice: Sendable, Hashable {
    case off
    /// The service of the configured network.
    case ofNetwork
    /// Base of a service's address.
    case service(String)
}
