/// What is kept for billing a contract (docs/spec/tfchain.md section 5, "billing information").
public struct ContractBilling: Sendable, Hashable, Codable {
    /// Bytes of public traffic that were reported before.
    public var previousTraffic: UInt64
    /// Seconds since 1970.
    public var lastUpdated: UInt64
    /// In units of 10^-7 TFT.
    public var unbilled: UInt64

    public init(previousTraffic: UInt64 = 0, lastUpdated: UInt64 = 0, unbilled: UInt64 = 0) {
        self.previousTraffic = previousTraffic
        self.lastUpdated = lastUpdated
        self.unbilled = unbilled
    }
}
