/// Bounds on what decoding may cost, whatever the bytes and the metadata say.
public struct ScaleLimits: Sendable {
    /// How deep types may nest. The deepest values that the grid's runtime has, calls inside calls, stay below 40.
    public var maxDepth = 128
    /// Steps of decoding; each makes at most one value of about 50 bytes of memory.
    public var maxSteps = 1 << 22

    public init() {}

    /// Steps for an input of that size: generous for real types (a step makes use of a byte, or is one of few wrappers),
    /// but what is small stays cheap.
    func steps(bytes: Int) -> Int { min(maxSteps, 1024 + 8 * min(bytes, maxSteps)) }
}
