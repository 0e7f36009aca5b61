/// What the node tells `zos-unpack` when it starts it, as JSON in a sealed memory file.
public struct UnpackPlan: Sendable, Codable, Hashable {
    /// Descriptors that it starts with.
    public enum Descriptor {
        /// To the node: reports of the unpacker, or requests to the fetcher.
        public static let socket: Int32 = 3
        public static let plan: Int32 = 4
        /// The file, read only, or for a layout the folder that holds it.
        public static let source: Int32 = 5
        /// The empty folder that becomes the root.
        public static let target: Int32 = 6
        /// A folder for what is thrown away.
        public static let scratch: Int32 = 7
        /// The cache of blocks.
        public static let blocks: Int32 = 8
        /// To the fetcher; the null device if nothing is fetched.
        public static let fetcher: Int32 = 9
        /// The first of the folders that block stores may lie in.
        public static let firstStore: Int32 = 10
    }

    public enum Role: String, Sendable, Codable { case fetch, unpack }

    public var role: Role
    /// Id of user and group, in the namespace that it finds itself in.
    public var user: UInt32
    /// What it unpacks.
    public var form: ImageForm?
    public var limits: UnpackLimits
    /// Paths of the folders from `firstStore` on.
    public var stores: [String]
    /// Whether servers may have private addresses.
    public var allowsPrivateAddresses: Bool
    /// Bytes of memory, and seconds of processor time.
    public var memory: UInt64
    public var processorSeconds: UInt64
    /// Goes without Landlock, on a kernel that lacks it.
    public var isWithoutLandlock: Bool

    public init(
        role: Role, user: UInt32, form: ImageForm? = nil, limits: UnpackLimits = UnpackLimits(), stores: [String] = [],
        allowsPrivateAddresses: Bool = false, memory: UInt64 = 1 << 30, processorSeconds: UInt64 = 1800,
        isWithoutLandlock: Bool = false
    ) {
        self.role = role
        self.user = user
        self.form = form
        self.limits = limits
        self.stores = stores
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.memory = memory
        self.processorSeconds = processorSeconds
        self.isWithoutLandlock = isWithoutLandlock
    }
}
