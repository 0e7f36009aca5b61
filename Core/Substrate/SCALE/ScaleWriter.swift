/// Writes SCALE (docs/spec/tfchain.md section 2).
public struct ScaleWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
    public mutating func byte(_ value: UInt8) { bytes.append(value) }
    public mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// A little-endian integer of fixed width.
    public mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A compact integer in its shortest form.
    public mutating func compact(_ value: UInt128) {
        switch value {
        case ..<(1 << 6): byte(UInt8(value) << 2)
        case ..<(1 << 14): integer(UInt16(value) << 2 | 1)
        case ..<(1 << 30): integer(UInt32(value) << 2 | 2)
        default:
            let count = (128 - value.leadingZeroBitCount + 7) / 8
            byte(UInt8(count - 4) << 2 | 3)
            for index in 0..<count { byte(UInt8(truncatingIfNeeded: value >> UInt128(8 * index))) }
        }
    }

    public mutating func compact(_ count: Int) { compact(UInt128(count)) }

    /// Bytes with their count before them.
    public mutating func byteSequence(_ value: [UInt8]) {
        compact(value.count)
        bytes += value
    }

    public mutating func text(_ value: String) { byteSequence(Array(value.utf8)) }
}
