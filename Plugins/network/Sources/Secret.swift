/// Text that must not reach logs, errors or results; printing it shows a placeholder.
public struct Secret: Codable, Sendable, Hashable {
    /// The text itself: only for handing it on to what needs it.
    public let revealed: String

    public init(_ text: String) { revealed = text }
    public init(from decoder: any Decoder) throws {
        revealed = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(revealed)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
