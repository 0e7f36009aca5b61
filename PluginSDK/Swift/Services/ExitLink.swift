import JSON

/// An exit that was connected, and what the operator has configured for it.
public struct ExitLink: Sendable, Hashable {
    public let created: Bool
    /// Addresses with prefix lengths, as text.
    public let addresses: [String]
    public let gateways: [String]

    public init(created: Bool, addresses: [String] = [], gateways: [String] = []) {
        self.created = created
        self.addresses = addresses
        self.gateways = gateways
    }

    init(_ reply: HostReply) throws {
        self.init(
            created: reply.created, addresses: try reply.payload.list("addresses").compactMap(\.stringValue),
            gateways: try reply.payload.list("gateways").compactMap(\.stringValue))
    }
}
