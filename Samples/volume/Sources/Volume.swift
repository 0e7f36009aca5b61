/// The data of a `volume` (docs/spec/deployment.md section 6.2).
public struct Volume: Codable, Sendable, Hashable {
    /// Bytes, what its file system needs included.
    public var size: UInt64

    public init(size: UInt64) { self.size = size }
}
