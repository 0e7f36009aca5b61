/// A WireGuard device as it is read back.
public struct WireGuardDevice: Sendable, Hashable {
    /// 32 bytes, empty while the device has no key. Never printed.
    public var privateKey: [UInt8]
    /// 0 while the device has chosen none.
    public var listenPort: UInt16
    public var peers: [WireGuardPeer]

    public init(privateKey: [UInt8] = [], listenPort: UInt16 = 0, peers: [WireGuardPeer] = []) {
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.peers = peers
    }
}

extension WireGuardDevice: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "WireGuard device on port \(listenPort) with \(peers.count) peers" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["listenPort": listenPort, "peers": peers]) }
}
