import Addresses
import Netlink
import PluginSDK

/// The text by which wireguard-go is configured and read (the "cross-platform userspace" protocol): lines
/// `key=value`, keys of 32 bytes in hexadecimal, an empty line at the end.
enum UserspaceProtocol {
    /// The request for a change. Peers are changed one by one, never all replaced: that would drop sessions.
    static func request(for change: WireGuardChange) -> String {
        var lines = ["set=1"]
        if let key = change.privateKey { lines.append("private_key=\(hex(key))") }
        if let port = change.listenPort { lines.append("listen_port=\(port)") }
        for peer in change.peers {
            switch peer {
            case .remove(let key): lines += ["public_key=\(hex(key))", "remove=true"]
            case .set(let peer): lines += Self.lines(for: peer)
            }
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    static let read = "get=1\n\n"

    private static func lines(for peer: WireGuardPeer) -> [String] {
        var lines = ["public_key=\(hex(peer.publicKey))"]
        if let endpoint = peer.endpoint { lines.append("endpoint=\(text(endpoint))") }
        lines += ["persistent_keepalive_interval=\(peer.keepalive)", "replace_allowed_ips=true"]
        return lines + peer.allowed.compactMap { $0.range.map { "allowed_ip=\($0.text)" } }
    }

    /// What an answer says. Throws if it is cut, or if it says that the request failed.
    static func device(from answer: String) throws -> WireGuardDevice {
        var device = WireGuardDevice()
        var peer: WireGuardPeer?
        var isComplete = false
        for line in answer.utf8.split(separator: 0x0a) {
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let key = String(parts[0]), let value = String(parts[1]) else {
                throw PluginError.failed("wireguard-go answered a line that is no key=value")
            }
            switch key {
            case "errno":
                guard value == "0" else { throw PluginError.failed("wireguard-go answered error \(value)") }
                isComplete = true
            case "private_key": device.privateKey = bytes(value) ?? []
            case "listen_port": device.listenPort = UInt16(value) ?? 0
            case "public_key":
                if let peer { device.peers.append(peer) }
                peer = WireGuardPeer(publicKey: bytes(value) ?? [])
            case "endpoint": peer?.endpoint = endpoint(value)
            case "persistent_keepalive_interval": peer?.keepalive = UInt16(value) ?? 0
            case "last_handshake_time_sec": peer?.lastHandshake = Int64(value) ?? 0
            case "allowed_ip":
                // What it was given comes back; anything else is simply not what was asked for.
                if let range = try? CIDR(parsing: value) { peer?.allowed.append(InterfaceAddress(range)) }
            default: break
            }
        }
        guard isComplete else { throw PluginError.failed("wireguard-go's answer ends too early") }
        if let peer { device.peers.append(peer) }
        return device
    }

    private static func text(_ endpoint: WireGuardPeer.Endpoint) -> String {
        let address = IPAddress(bytes: endpoint.address)?.text ?? ""
        return endpoint.address.count == 16 && address.contains(":")
            ? "[\(address)]:\(endpoint.port)" : "\(address):\(endpoint.port)"
    }

    private static func endpoint(_ text: String) -> WireGuardPeer.Endpoint? {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        else { return nil }
        let host = bytes[..<colon].filter { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }
        // An endpoint with a zone cannot be one that was configured.
        let address = try? IPAddress(parsing: String(decoding: host, as: UTF8.self))
        return address.flatMap { WireGuardPeer.Endpoint(address: $0.bytes, port: port) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
