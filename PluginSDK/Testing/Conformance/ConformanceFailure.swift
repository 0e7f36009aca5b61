/// A promise that was not kept: what was expected, what there was instead.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A case that does not concern this plugin, and why.
struct NotApplicable: Error, Sendable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
