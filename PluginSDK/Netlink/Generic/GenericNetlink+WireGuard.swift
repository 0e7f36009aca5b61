import Glibc

/// The kernel's own WireGuard (linux/wireguard.h).
extension GenericNetlink {
    /// Changes a device, peer by peer. `family` is the number of the family `wireguard`.
    public func change(_ link: String, _ change: WireGuardChange, family: UInt16) throws(NetlinkError) {
        for payload in Self.messages(for: change, of: link) {
            try socket.request(type: family, payload: payload, to: "configure WireGuard link \(link)")
        }
    }

    /// Reads a device. `family` is the number of the family `wireguard`.
    public func device(_ link: String, family: UInt16) throws(NetlinkError) -> WireGuardDevice {
        var writer = Self.header(command: 0, version: 1)
        writer.attribute(2, text: link)
        let answer = try socket.dump(type: family, payload: writer.bytes, to: "read WireGuard link \(link)")
        return Self.device(from: answer)
    }

    /// A message for the device itself, then one per so many peers that it stays small.
    static func messages(for change: WireGuardChange, of link: String) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var rest = change.peers[...]
        repeat {
            var writer = header(command: 1, version: 1)
            writer.attribute(2, text: link)
            if messages.isEmpty {
                if let key = change.privateKey { writer.attribute(3, key) }
                if let port = change.listenPort { writer.attribute(6, port) }
            }
            let part = rest.prefix(peersPerMessage)
            rest = rest.dropFirst(peersPerMessage)
            if !part.isEmpty { writer.nest(8) { list in for peer in part { list.nest(0) { encode(peer, &$0) } } } }
            messages.append(writer.bytes)
        } while !rest.isEmpty
        return messages
    }

    /// With 128 allowed ranges of IPv6 each, still far below the 64 KiB that one attribute holds.
    private static let peersPerMessage = 8

    private static func encode(_ change: WireGuardChange.PeerChange, _ writer: inout NetlinkWriter) {
        switch change {
        case .remove(let key):
            writer.attribute(1, key)
            writer.attribute(3, UInt32(1))
        case .set(let peer):
            writer.attribute(1, peer.publicKey)
            writer.attribute(3, UInt32(2))
            if let endpoint = peer.endpoint { writer.attribute(4, encode(endpoint)) }
            writer.attribute(5, peer.keepalive)
            writer.nest(9) { list in
                for range in peer.allowed {
                    list.nest(0) {
                        $0.attribute(1, UInt16(range.family))
                        $0.attribute(2, range.network)
                        $0.attribute(3, range.prefix)
                    }
                }
            }
        }
    }

    /// `sockaddr_in` or `sockaddr_in6`.
    private static func encode(_ endpoint: WireGuardPeer.Endpoint) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(UInt16(endpoint.address.count == 16 ? AddressFamily.v6 : AddressFamily.v4))
        writer.append(endpoint.port.bigEndian)
        if endpoint.address.count == 16 { writer.append(UInt32(0)) }
        writer.append(aligned: endpoint.address)
        if endpoint.address.count == 16 { writer.append(UInt32(0)) } else { writer.append(UInt64(0)) }
        return writer.bytes
    }

    /// A peer with many ranges continues in the next message, with its key and ranges only.
    static func device(from messages: [NetlinkMessage]) -> WireGuardDevice {
        var device = WireGuardDevice()
        for message in messages {
            let attributes = NetlinkAttributes(message.payload.dropFirst(4))
            if let key = attributes[3] { device.privateKey = Array(key) }
            if let port: UInt16 = attributes.integer(6) { device.listenPort = port }
            for element in attributes.nested(8).all {
                guard let peer = peer(NetlinkAttributes(element.value)) else { continue }
                if let last = device.peers.indices.last, device.peers[last].publicKey == peer.publicKey {
                    device.peers[last].allowed += peer.allowed
                } else {
                    device.peers.append(peer)
                }
            }
        }
        return device
    }

    private static func peer(_ attributes: NetlinkAttributes) -> WireGuardPeer? {
        guard let key = attributes[1] else { return nil }
        let allowed = attributes.nested(9).all.compactMap { element -> InterfaceAddress? in
            let range = NetlinkAttributes(element.value)
            guard let bytes = range[2], let prefix: UInt8 = range.integer(3) else { return nil }
            return InterfaceAddress(bytes: Array(bytes), prefix: prefix)
        }
        var peer = WireGuardPeer(publicKey: Array(key), allowed: allowed, keepalive: attributes.integer(5) ?? 0)
        peer.lastHandshake = attributes[6]?.integer(Int64.self, at: 0) ?? 0
        if let address = attributes[4], let family = address.integer(UInt16.self, at: 0),
            let port = address.integer(UInt16.self, at: 2)
        {
            let isV6 = family == UInt16(AddressFamily.v6)
            let bytes = isV6 ? address.dropFirst(8).prefix(16) : address.dropFirst(4).prefix(4)
            peer.endpoint = WireGuardPeer.Endpoint(address: Array(bytes), port: UInt16(bigEndian: port))
        }
        return peer
    }
}
