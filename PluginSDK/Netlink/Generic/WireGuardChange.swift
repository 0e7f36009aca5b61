/// What to change on a WireGuard device; what is not named stays as it is, sessions included.
public struct WireGuardChange: Sendable {
    /// What happens to one peer.
    public enum PeerChange: Sendable, Hashable {
        /// Added, or its endpoint (if given), allowed addresses and keepalive replaced.
        case set(WireGuardPeer)
        /// Removed, by public key.
        case remove([UInt8])
    }

    /// 32 bytes. A new key restarts all sessions.
    public var privateKey: [UInt8]?
    public var listenPort: UInt16?
    public var peers: [PeerChange]

    public init(privateKey: [UInt8]? = nil, listenPort: UInt16? = nil, peers: [PeerChange] = []) {
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.peers = peers
    }

    public var isEmpty: Bool { privateKey == nil && listenPort == nil && peers.isEmpty }
}

extension WireGuardChange: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the private key, so that it cannot reach a log.
    public var description: String {
        let port = listenPort.map { " port \($0)" } ?? ""
        return "change\(privateKey == nil ? "" : " private key")\(port) \(peers.count) peers"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["peers": peers]) }
}
