/// Capacity of a node, or what a contract uses of it. Bytes, except `cru`, which counts cores.
public struct Resources: Sendable, Hashable, Codable {
    public var hru: UInt64
    public var sru: UInt64
    public var cru: UInt64
    public var mru: UInt64

    public init(hru: UInt64 = 0, sru: UInt64 = 0, cru: UInt64 = 0, mru: UInt64 = 0) {
        self.hru = hru
        self.sru = sru
        self.cru = cru
        self.mru = mru
    }
}

/// What a contract uses, as its node reported it.
public struct ContractResources: Sendable, Hashable, Codable {
    public let contract: UInt64
    public var used: Resources

    public init(contract: UInt64, used: Resources) {
        self.contract = contract
        self.used = used
    }

    private enum CodingKeys: String, CodingKey { case contract = "contract_id", used }
}

/// Public traffic of a contract in a window of time. Seconds and bytes.
public struct TrafficReport: Sendable, Hashable, Codable {
    public let contract: UInt64
    public let timestamp: UInt64
    public let window: UInt64
    public let nru: UInt64

    public init(contract: UInt64, timestamp: UInt64, window: UInt64, nru: UInt64) {
        self.contract = contract
        self.timestamp = timestamp
        self.window = window
        self.nru = nru
    }

    private enum CodingKeys: String, CodingKey { case contract = "contract_id", timestamp, window, nru }
}
