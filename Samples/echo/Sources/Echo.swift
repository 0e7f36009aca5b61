/// The data of an `echo` workload.
public struct Echo: Codable, Sendable, Hashable {
    /// At most 1024 bytes of UTF-8.
    public var text: String

    public init(text: String) { self.text = text }
}
