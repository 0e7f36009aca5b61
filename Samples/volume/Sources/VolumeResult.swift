/// What the user gets back.
public struct VolumeResult: Codable, Sendable, Hashable {
    /// The workload's id.
    public var id: String

    public init(id: String) { self.id = id }
}
