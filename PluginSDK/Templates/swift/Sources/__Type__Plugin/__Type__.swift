/// What the user writes: the data of a workload, as `schemas/__type__.json` describes it.
public struct __Type__: Codable, Sendable {
    public var name: String
}

/// What the user reads when it is there.
public struct __Type__Result: Codable, Sendable {
    public var greeting: String
}
