/// How the node gets roots that clients name by URL.
public struct ImageConfiguration: Sendable {
    /// The program zos-unpack; executable for everybody.
    public var program: String
    /// Where roots and blocks are kept.
    public var folder: String
    /// The first of `UIDAllocator.rangeLength` ids, which own the files of roots on disk.
    public var firstOwner: UInt32
    /// The user that fetches.
    public var fetcher: UInt32
    /// Bytes that the cache may have; what machines use counts and stays.
    public var cacheSize: UInt64 = 32 << 30
    /// Bytes that one root may have.
    public var rootSize: UInt64 = 16 << 30
    /// Whether servers may have private addresses.
    public var allowsPrivateAddresses = false
    /// Goes without Landlock, on a kernel that lacks it.
    public var isWithoutLandlock = false
    /// For one download, and for unpacking one root: both together are less than a plugin may wait for.
    public var time: Duration = .seconds(850)

    public init(program: String, folder: String, firstOwner: UInt32, fetcher: UInt32) {
        self.program = program
        self.folder = folder
        self.firstOwner = firstOwner
        self.fetcher = fetcher
    }
}
