/// A request to the fetcher. The descriptor that comes with it is the file that the content goes into.
public struct FetchRequest: Sendable, Codable, Hashable {
    /// Chosen by the caller; the reply has the same.
    public var id: UInt64
    /// `http`, `https`, or `zdb://[user[:password]@]host[:port]/namespace/<64 hexadecimal digits>`.
    public var url: String
    /// Bytes at most.
    public var limit: UInt64
    /// For all of it.
    public var seconds: Int

    public init(id: UInt64, url: String, limit: UInt64, seconds: Int) {
        self.id = id
        self.url = url
        self.limit = limit
        self.seconds = seconds
    }
}

/// What the fetcher says about a request: once how it ended, before that how far it is.
public struct FetchReply: Sendable, Codable, Hashable {
    public enum Outcome: Sendable, Codable, Hashable {
        /// Bytes that have come, and how many the server promised, if it did.
        case receiving(UInt64, of: UInt64?)
        /// All of it, so many bytes.
        case received(UInt64)
        /// The server has no such thing.
        case absent
        case failed(ImageError)
    }

    public var id: UInt64
    public var outcome: Outcome

    public init(id: UInt64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}
