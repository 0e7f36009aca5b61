/// What one root may cost (docs/spec/flist.md section 5).
public struct UnpackLimits: Sendable, Codable, Hashable {
    /// Sum of the sizes of all files, holes counted.
    public var bytes: UInt64
    /// Files, folders, links.
    public var entries: Int
    /// Folders inside each other.
    public var depth: Int
    /// Bytes of one path.
    public var path: Int
    /// Layers of an OCI image.
    public var layers: Int
    /// Bytes of the text files that describe an image.
    public var document: Int
    /// The highest owner that the files may have: as many as there are ids in the namespace of the unpacker.
    public var owner: UInt32

    public init(
        bytes: UInt64 = 16 << 30, entries: Int = 2_000_000, depth: Int = 256, path: Int = 4095, layers: Int = 256,
        document: Int = 4 << 20, owner: UInt32 = 65535
    ) {
        self.bytes = bytes
        self.entries = entries
        self.depth = depth
        self.path = path
        self.layers = layers
        self.document = document
        self.owner = owner
    }
}
