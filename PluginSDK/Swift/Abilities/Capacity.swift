import JSON

/// What a workload takes of the node: cores, bytes of memory, SSD and HDD, public IPv4 addresses.
public struct Capacity: Sendable, Hashable {
    public var cru: UInt64
    public var mru: UInt64
    public var sru: UInt64
    public var hru: UInt64
    public var ipv4u: UInt64

    public init(cru: UInt64 = 0, mru: UInt64 = 0, sru: UInt64 = 0, hru: UInt64 = 0, ipv4u: UInt64 = 0) {
        self.cru = cru
        self.mru = mru
        self.sru = sru
        self.hru = hru
        self.ipv4u = ipv4u
    }

    var json: JSONValue {
        [
            "cru": .number(JSONNumber(cru)), "mru": .number(JSONNumber(mru)), "sru": .number(JSONNumber(sru)),
            "hru": .number(JSONNumber(hru)), "ipv4u": .number(JSONNumber(ipv4u)),
        ]
    }
}
