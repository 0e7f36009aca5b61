/// How long a signed call may be applied (docs/spec/tfchain.md section 8).
public enum ExtrinsicEra: Sendable, Hashable {
    case immortal
    /// For `period` blocks from the newest block that is `phase` modulo it. The period is a power of two from 4 to 65536.
    case mortal(period: UInt64, phase: UInt64)

    /// The era that begins at or shortly before a block.
    /// - Throws: `cannotSign` for another period than a power of two from 4 to 65536.
    public init(period: UInt64, at block: UInt64) throws(SubstrateError) {
        guard (4...65536).contains(period), period & (period - 1) == 0 else {
            throw SubstrateError(.cannotSign, "a period of \(period) blocks; it must be a power of two from 4 to 65536")
        }
        let step = Self.step(period)
        self = .mortal(period: period, phase: block % period / step * step)
    }

    public var bytes: [UInt8] {
        guard case .mortal(let period, let phase) = self else { return [0] }
        let exponent = UInt16(clamping: min(15, max(1, period.trailingZeroBitCount - 1)))
        let word = exponent | UInt16(truncatingIfNeeded: phase / Self.step(period)) << 4
        return [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)]
    }

    /// The block whose hash is signed, seen from a block at which the call may be applied; 0 if immortal.
    public func firstBlock(at block: UInt64) -> UInt64 {
        guard case .mortal(let period, let phase) = self else { return 0 }
        guard block >= phase else { return phase }
        return (block - phase) / period * period + phase
    }

    /// The first block at which the call is no longer applied; nil if there is none.
    public func end(at block: UInt64) -> UInt64? {
        guard case .mortal(let period, _) = self else { return nil }
        let (sum, overflow) = firstBlock(at: block).addingReportingOverflow(period)
        return overflow ? nil : sum
    }

    /// Reads one byte for immortal, two for mortal.
    init(_ reader: inout ScaleReader) throws(SubstrateError) {
        let first = try reader.byte()
        guard first != 0 else {
            self = .immortal
            return
        }
        let word = UInt64(first) | UInt64(try reader.byte()) << 8
        let period = UInt64(2) << (word & 15)
        let phase = (word >> 4) * Self.step(period)
        guard period >= 4, phase < period else { throw reader.malformed("an era outside of its own period") }
        self = .mortal(period: period, phase: phase)
    }

    private static func step(_ period: UInt64) -> UInt64 { max(period / 4096, 1) }
}
