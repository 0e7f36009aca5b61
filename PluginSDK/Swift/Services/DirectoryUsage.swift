/// How full a directory is.
public struct DirectoryUsage: Sendable, Hashable {
    /// Bytes that it was made with.
    public let size: UInt64
    /// Bytes in use.
    public let used: UInt64
    public let files: UInt64

    public init(size: UInt64, used: UInt64, files: UInt64) {
        self.size = size
        self.used = used
        self.files = files
    }
}
