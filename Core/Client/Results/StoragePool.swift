/// A pool of a node's storage. Sizes in bytes.
public struct StoragePool: Sendable, Hashable, Decodable {
    public let name: String
    /// `ssd` or `hdd`.
    public let type: String
    public let size: UInt64
    public let used: UInt64
}
