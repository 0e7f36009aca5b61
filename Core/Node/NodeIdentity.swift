import Glibc
import RMB
import Signatures

/// The node's key, made at first start, kept 0600 and never printed. It belongs to one network for good.
public struct NodeIdentity: Sendable {
    public let keys: KeyPair
    /// For payloads of messages by relay; its public half is the `pk` of the node's twin.
    public let encryption: EndToEndKey

    /// Reads the identity from `folder`, or makes one.
    ///
    /// Throws `.otherNetwork` if it was made for another network, `.badIdentity` if a file is damaged or readable by others.
    public init(folder: String, network: NetworkPreset) throws(NodeError) {
        try NodeIdentity.bind(folder: folder, to: network)
        let path = folder + "/mnemonic"
        let words: String
        if let stored = try SecretFile.read(path) {
            words = stored
        } else {
            words = Mnemonic.random().withPhrase { $0 }
            try SecretFile.write(words, to: path)
        }
        do {
            let seed = try SecretURI(words).seed(scheme: .ed25519)
            keys = KeyPair(seed: seed, scheme: .ed25519)
            encryption = try EndToEndKey(seed: seed)
        } catch {
            throw NodeError(
                .badIdentity, "\(path) holds no mnemonic that is right: \(error)",
                hint: "restore it from a backup; a new identity means a new node on the ledger")
        }
    }

    private static func bind(folder: String, to network: NetworkPreset) throws(NodeError) {
        let path = folder + "/network"
        guard let bound = try SecretFile.read(path) else {
            return try SecretFile.write(network.rawValue, to: path)
        }
        guard bound == network.rawValue else {
            throw NodeError(
                .otherNetwork, "this node's identity belongs to the network '\(bound)', not to '\(network.rawValue)'",
                hint: "set network = \"\(bound)\", or give the node a folder of its own with --state")
        }
    }
}
