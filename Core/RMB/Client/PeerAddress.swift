/// Where a twin's bus listens.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 or IPv6 address in text form, without brackets.
    public let host: String
    public let port: Int

    public init(host: String, port: Int = RMBServer.Configuration.defaultPort) {
        self.host = host
        self.port = port
    }

    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Where to find twins: configured by the operator, since the chain no longer says
/// (`docs/spec/rmb-direct.md` section 5).
public protocol TwinAddresses: Sendable {
    func address(of twin: UInt32) async -> AddressLookup
}

/// The three outcomes of asking for an address.
public enum AddressLookup: Sendable, Equatable {
    case found(PeerAddress)
    case absent
    case unavailable(String)
}

/// Addresses from a fixed table.
public struct FixedTwinAddresses: TwinAddresses {
    private let table: [UInt32: PeerAddress]

    public init(_ table: [UInt32: PeerAddress]) { self.table = table }

    public func address(of twin: UInt32) async -> AddressLookup { table[twin].map(AddressLookup.found) ?? .absent }
}
