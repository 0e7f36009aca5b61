/// What the unpacker tells the node: how far it is, and how it ended. One packet each, JSON.
public enum UnpackReport: Sendable, Codable, Hashable {
    /// A word for the user.
    case progress(String)
    case done(UnpackTally)
    case failed(ImageError)
}

/// What was unpacked.
public struct UnpackTally: Sendable, Codable, Hashable {
    /// Files, folders, links.
    public var entries = 0
    /// Of all files.
    public var bytes: UInt64 = 0
    /// Devices and sockets, which a root does not get from its image.
    public var skipped = 0

    public init() {}
}
