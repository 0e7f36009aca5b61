/// The result of workloads that have nothing to tell: `null`.
public struct NoResult: Codable, Sendable, Hashable {
    public init() {}
    public init(from decoder: any Decoder) throws {}

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
