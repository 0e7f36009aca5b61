import Node

/// What `zos up` tells the other commands about the node that it started: `dev.json` in the state folder.
public struct DevelopmentNode: Sendable, Codable {
    /// Somebody who can sign.
    public struct User: Sendable, Codable {
        public let name: String
        public let twin: UInt32
        /// A file, 0600, with the secret text of the account's key.
        public let secret: String
        /// `ed25519` or `sr25519`.
        public let scheme: String

        public init(name: String, twin: UInt32, secret: String, scheme: String = "ed25519") {
            self.name = name
            self.twin = twin
            self.secret = secret
            self.scheme = scheme
        }
    }

    /// Where the node's message bus listens: `http://127.0.0.1:PORT`.
    public let rmb: String
    /// Socket of the ledger.
    public let ledger: String
    /// Socket of the ledger's administrator.
    public let admin: String
    /// The node's twin.
    public let node: UInt32
    public let nodeID: UInt32
    public let farm: UInt32
    public let users: [User]
    /// Folder with the network namespaces `host` and `segment`.
    public let namespaces: String
    /// The node's process, for `zos down`.
    public let process: Int32?
    /// Where its ledger answers clients of Substrate chains, `ws://127.0.0.1:PORT`; nil: nowhere.
    public let chain: String?

    public init(
        rmb: String, ledger: String, admin: String, node: UInt32, nodeID: UInt32, farm: UInt32, users: [User],
        namespaces: String, process: Int32? = nil, chain: String? = nil
    ) {
        self.rmb = rmb
        self.ledger = ledger
        self.admin = admin
        self.node = node
        self.nodeID = nodeID
        self.farm = farm
        self.users = users
        self.namespaces = namespaces
        self.process = process
        self.chain = chain
    }

    private enum CodingKeys: String, CodingKey {
        case rmb, ledger, admin, node, nodeID = "node_id", farm, users, namespaces, process, chain
    }
}
