import RMB

/// What the network's preset and the operator's choices come to.
extension NodeConfiguration {
    /// Chain endpoints, the first is tried first.
    public var chainEndpoints: [String] { chain ?? network.chain }
    public var relayEndpoints: [RelayEndpoint] { relays ?? network.relays.compactMap { try? RelayEndpoint($0) } }
    public var activationServices: [String] { activation ?? network.activation }

    /// The service that is asked about users; nil if none is.
    ///
    /// Throws `.badConfiguration` if the network has none and no other is named.
    public func identityService() throws(NodeError) -> String? {
        switch identityCheck {
        case .off: return nil
        case .service(let url): return url
        case .ofNetwork:
            guard let url = network.identityCheck else {
                throw NodeError(
                    .badConfiguration, "the network '\(network.rawValue)' has no service that checks identities",
                    hint: "set identity_check = false, or to the address of a service")
            }
            return url
        }
    }
}
