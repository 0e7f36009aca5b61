import JSON

/// What a workload takes of the node (docs/spec/deployment.md section 11). Bytes, cores and addresses.
public struct Capacity: Sendable, Hashable {
    public var cru: UInt64
    public var mru: UInt64
    public var sru: UInt64
    public var hru: UInt64
    public var ipv4u: UInt64

    public static let none = Capacity()

    public init(cru: UInt64 = 0, mru: UInt64 = 0, sru: UInt64 = 0, hru: UInt64 = 0, ipv4u: UInt64 = 0) {
        self.cru = cru
        self.mru = mru
        self.sru = sru
        self.hru = hru
        self.ipv4u = ipv4u
    }

    /// Reads the five counters; absent ones are 0. Nil if one is no unsigned integer.
    public init?(_ json: JSONValue) {
        var values: [UInt64] = []
        for key in ["cru", "mru", "sru", "hru", "ipv4u"] {
            guard let member = json[key], !member.isNull else {
                values.append(0)
                continue
            }
            guard let value = member.uint64Value else { return nil }
            values.append(value)
        }
        self.init(cru: values[0], mru: values[1], sru: values[2], hru: values[3], ipv4u: values[4])
    }

    public var json: JSONValue {
        [
            "cru": .number(JSONNumber(cru)), "sru": .number(JSONNumber(sru)), "hru": .number(JSONNumber(hru)),
            "mru": .number(JSONNumber(mru)), "ipv4u": .number(JSONNumber(ipv4u)),
        ]
    }

    /// Adds; a sum beyond 64 bits stays at the largest value, so that it is refused instead of wrapping.
    public static func + (left: Capacity, right: Capacity) -> Capacity {
        func add(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? .max : sum
        }
        return Capacity(
            cru: add(left.cru, right.cru), mru: add(left.mru, right.mru), sru: add(left.sru, right.sru),
            hru: add(left.hru, right.hru), ipv4u: add(left.ipv4u, right.ipv4u))
    }
}
