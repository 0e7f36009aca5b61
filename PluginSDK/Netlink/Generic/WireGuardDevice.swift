/// A WireGuard device as it is read back; the private key is left out on purpose.
public struct WireGuardDevice: Sendable, Hashable {
    /// 32 bytes, empty while the device has no key.
    public var publicKey: [UInt8]
    public var listenPort: UInt16
    public var peers: [WireGuardPeer]

    public init(publicKey: [UInt8], listenPort: UInt16, peers: [WireGuardPeer]) {
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.peers = peers
    }
}
