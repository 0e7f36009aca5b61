/// The data of a disk.
public struct ZMount: Codable, Sendable, Hashable {
    /// Bytes.
    public var size: UInt64

    public init(size: UInt64) { self.size = size }
}
