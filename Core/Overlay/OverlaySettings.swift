import JSON
import Signatures

/// What the operator says about the overlay.
public struct OverlaySettings: Sendable, Equatable {
    /// The program, of the distribution's package `yggdrasil`.
    public var program = "/usr/sbin/yggdrasil"
    /// Who is connected to, such as `tls://host:port`.
    public var peers: [String] = []
    /// Where others may connect, such as `tcp://[::]:9943`.
    public var listen: [String] = []
    /// The device's name, at most 15 bytes.
    public var interface = "zos-ygg"
    /// Path of the network namespace that it works in; nil: the node's own.
    public var namespace: String?

    public init() {}

    /// The program's configuration. It contains the secret key: never write it to a disk or a log.
    /// - Parameter admin: path of the socket by which the program is asked; nil for none.
    func configuration(key: KeyPair, admin: String?) -> String {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let secret = key.withSecret { Hex.encode($0) }
        let configuration: JSONValue = [
            "Peers": list(peers), "InterfacePeers": [:], "Listen": list(listen),
            "AdminListen": .string(admin.map { "unix://\($0)" } ?? "none"), "MulticastInterfaces": [],
            "AllowedPublicKeys": [], "PublicKey": .string(Hex.encode(key.publicKey.bytes)),
            "PrivateKey": .string(secret), "IfName": .string(interface), "IfMTU": 65535, "NodeInfoPrivacy": true,
            "NodeInfo": [:],
        ]
        return configuration.text
    }
}
