/// How many envelopes and bytes one sender may send in a minute.
public struct RateLimit: Sendable, Equatable {
    public let count: UInt64
    public let bytes: UInt64

    public init(count: UInt64, bytes: UInt64) {
        self.count = count
        self.bytes = bytes
    }
}
