import Addresses
import Netlink
import PluginSDK

/// Reads the peers of a network strictly.
enum PeerList {
    /// More parts than a network's range has subnets are a mistake; the kernel would take them.
    static let mostPeers = 1_024
    static let mostRanges = 128

    static func parse(_ peers: [Network.Peer]) throws -> [WireGuardPeer] {
        guard peers.count <= mostPeers else {
            throw PluginError.invalid("\(peers.count) peers are too many: at most \(mostPeers)")
        }
        var parsed: [WireGuardPeer] = []
        var owners: [InterfaceAddress: Int] = [:]
        for (index, peer) in peers.enumerated() {
            let one = try parse(peer, "peers/\(index)")
            guard !parsed.contains(where: { $0.publicKey == one.publicKey }) else {
                throw PluginError.invalid("peers/\(index)/wireguard_public_key is that of another peer, too")
            }
            // A range leads to one peer, the last that claims it: so does WireGuard.
            for range in one.allowed {
                if let owner = owners.updateValue(index, forKey: range) {
                    parsed[owner].allowed.removeAll { $0 == range }
                }
            }
            parsed.append(one)
        }
        return parsed
    }

    private static func parse(_ peer: Network.Peer, _ path: String) throws -> WireGuardPeer {
        guard let key = Base64.decode(peer.publicKey), key.count == 32 else {
            throw PluginError.invalid("\(path)/wireguard_public_key has to be 32 bytes in base64")
        }
        let texts = peer.allowedIPs ?? []
        guard texts.count <= mostRanges else {
            throw PluginError.invalid("\(path)/allowed_ips has \(texts.count) ranges: at most \(mostRanges)")
        }
        var ranges: [InterfaceAddress] = []
        for (index, text) in texts.enumerated() {
            do {
                let range = InterfaceAddress(try CIDR(parsing: text).network)
                if !ranges.contains(range) { ranges.append(range) }
            } catch {
                throw PluginError.invalid("\(path)/allowed_ips/\(index): \(error)")
            }
        }
        return WireGuardPeer(
            publicKey: key, endpoint: try endpoint(peer.endpoint, path), allowed: ranges,
            keepalive: NetworkPlan.keepalive)
    }

    /// `address:port` or `[address]:port`; names are refused, since nobody would look them up.
    private static func endpoint(_ text: String, _ path: String) throws -> WireGuardPeer.Endpoint? {
        guard !text.isEmpty else { return nil }
        let refused = PluginError.invalid(
            "\(path)/endpoint has to be address:port, or [address]:port for IPv6, with a port of 1 to 65535")
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { throw refused }
        let digits = bytes[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
        else { throw refused }
        var host = bytes[..<colon]
        let hasBrackets = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        if hasBrackets { host = host.dropFirst().dropLast() }
        // The parser's own text says less than what follows.
        guard let address = try? IPAddress(parsing: String(decoding: host, as: UTF8.self)),
            hasBrackets == host.contains(UInt8(ascii: ":")), !address.isUnspecified, !address.isMulticast
        else { throw refused }
        return WireGuardPeer.Endpoint(address: address.bytes, port: port)
    }
}
