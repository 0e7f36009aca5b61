/// What the user reads of a disk.
public struct ZMountResult: Codable, Sendable, Hashable {
    public var volumeID: String

    public init(volumeID: String) { self.volumeID = volumeID }

    enum CodingKeys: String, CodingKey { case volumeID = "volume_id" }
}
