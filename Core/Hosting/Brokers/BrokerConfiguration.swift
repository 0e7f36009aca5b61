import Glibc
import JSON

/// What the operator gives to plugins by way of the brokers.
public struct BrokerConfiguration: Sendable {
    /// A way out: a bridge of the node's namespace, and what is given to those who connect to it.
    public struct Exit: Sendable, Hashable {
        public var bridge: String
        public var addresses: [String]
        public var gateways: [String]

        public init(bridge: String, addresses: [String] = [], gateways: [String] = []) {
            self.bridge = bridge
            self.addresses = addresses
            self.gateways = gateways
        }
    }

    public var node: UInt32
    /// For what has to survive a reboot.
    public var state: String
    /// For what is gone after one.
    public var run: String
    /// Where network namespaces are mounted.
    public var namespaces: String
    /// Folders below which `dir://` roots may lie.
    public var roots: [String] = []
    /// How roots are got that clients name by URL; nil: only folders of the node.
    public var images: ImageConfiguration?
    /// Folder in the node's pool for the writable layers of overlays; nil: no overlays.
    public var pool: String?
    public var exits: [String: Exit] = [:]
    /// Values of a space that nobody gets, such as the node's own ports.
    public var reserved: [String: [String]] = [:]
    public var nameservers: [String] = ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888"]
    /// Whether companions may open /dev/kvm. That proves nothing yet: who wants it boots something with it first.
    public var offersKVM = false
    /// File of the key that seals plugins' secrets, made at first start; nil: no secrets.
    public var secretKey: String?
    /// Unix seconds, for timers.
    public var now: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
    /// Makes an ext4 file system.
    public var makeFileSystem = "/sbin/mkfs.ext4"

    public init(node: UInt32, state: String, run: String, namespaces: String) {
        self.node = node
        self.state = state
        self.run = run
        self.namespaces = namespaces
    }
}
