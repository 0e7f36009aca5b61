/// Decides whether a workload's memory fits (docs/spec/deployment.md section 10.5). All figures in bytes.
public struct MemoryAdmission: Sendable {
    /// The node's memory.
    public let total: UInt64
    /// What the node keeps for itself.
    public let reserve: UInt64

    /// The reserve is the larger of 10 % and `floor` (2 GiB unless configured).
    public init(total: UInt64, floor: UInt64 = 2 << 30) {
        self.total = total
        reserve = max(total / 10, floor)
    }

    /// What a workload may take: the total less the larger of (others' reservations and the reserve) and what is in use.
    /// Never below zero: the reference wraps here and then admits everything (weakness 33).
    public func usable(reserved: UInt64, inUse: UInt64) -> UInt64 {
        let (sum, overflow) = reserved.addingReportingOverflow(reserve)
        let taken = max(overflow ? .max : sum, inUse)
        return taken >= total ? 0 : total - taken
    }

    /// The refusal's text, or nil if it fits.
    public func refusal(needed: UInt64, reserved: UInt64, inUse: UInt64) -> String? {
        guard needed > 0 else { return nil }
        let usable = usable(reserved: reserved, inUse: inUse)
        guard needed > usable else { return nil }
        return "failed to satisfy required capacity: cannot fulfil required memory size \(needed) bytes out of usable "
            + "\(usable) bytes"
    }
}
