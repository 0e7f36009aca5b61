/// What the operator says about roots that clients name by URL.
public struct ImageChoices: Sendable, Hashable {
    public var isEnabled = true
    /// Bytes that the cache may have; what machines use counts, and stays.
    public var cacheSize: UInt64 = 32 << 30
    /// Bytes that one root may have, unpacked or on its way.
    public var rootSize: UInt64 = 16 << 30
    /// Whether servers may have private addresses.
    public var allowsPrivateAddresses = false

    public init() {}
}
