import Netlink

extension WireGuardChange {
    /// What leads from the device as it is to the plan, peer by peer.
    ///
    /// A peer's endpoint moves with the packets that it sends, so an endpoint that differs from the plan's is no
    /// difference, unless the plan itself changed (`previous`).
    init(from device: WireGuardDevice, to plan: NetworkPlan, previous: NetworkPlan? = nil) {
        self.init()
        let key = Self.clamped(plan.privateKey)
        if device.privateKey != key { privateKey = plan.privateKey }
        if device.listenPort != plan.listenPort { listenPort = plan.listenPort }
        for gone in device.peers where !plan.peers.contains(where: { $0.publicKey == gone.publicKey }) {
            peers.append(.remove(gone.publicKey))
        }
        for wanted in plan.peers {
            let present = device.peers.first { $0.publicKey == wanted.publicKey }
            let before = previous?.peers.first { $0.publicKey == wanted.publicKey }
            if let present, present.matches(wanted), before == nil || before?.endpoint == wanted.endpoint { continue }
            peers.append(.set(wanted))
        }
    }

    /// The key as WireGuard keeps it: Curve25519 fixes five of its bits.
    static func clamped(_ key: [UInt8]) -> [UInt8] {
        guard key.count == 32 else { return key }
        var key = key
        key[0] &= 248
        key[31] = key[31] & 127 | 64
        return key
    }
}

extension WireGuardPeer {
    /// Whether a peer as it was read back is what was wanted.
    fileprivate func matches(_ wanted: WireGuardPeer) -> Bool {
        Set(allowed) == Set(wanted.allowed) && keepalive == wanted.keepalive
            && (endpoint != nil || wanted.endpoint == nil)
    }
}
