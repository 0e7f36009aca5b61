/// A peer of a WireGuard device.
public struct WireGuardPeer: Sendable, Hashable {
    /// Address and port to reach a peer at.
    public struct Endpoint: Sendable, Hashable {
        /// Four or sixteen bytes in network order.
        public let address: [UInt8]
        public let port: UInt16

        /// Nil unless the address has 4 or 16 bytes.
        public init?(address: [UInt8], port: UInt16) {
            guard address.count == 4 || address.count == 16 else { return nil }
            self.address = address
            self.port = port
        }
    }

    /// 32 bytes.
    public var publicKey: [UInt8]
    public var endpoint: Endpoint?
    public var allowed: [InterfaceAddress]
    /// Seconds between packets that keep the way open; 0 is off.
    public var keepalive: UInt16
    /// Seconds since 1970 of the last handshake; 0 if there was none. Not set by users.
    public var lastHandshake: Int64 = 0

    public init(publicKey: [UInt8], endpoint: Endpoint? = nil, allowed: [InterfaceAddress] = [], keepalive: UInt16 = 0)
    {
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.allowed = allowed
        self.keepalive = keepalive
    }
}
