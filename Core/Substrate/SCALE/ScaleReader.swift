/// Reads SCALE from bytes of strangers: never past the end, no allocation before its size was compared with what is left
/// (docs/spec/tfchain.md section 2).
public struct ScaleReader: Sendable {
    private let bytes: [UInt8]
    private let end: Int
    /// Bytes read so far.
    public private(set) var offset: Int

    public init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

    /// Reads a part; `range` must lie within `bytes`.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the part lies within the bytes")
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    public var remaining: Int { end - offset }

    /// - Throws: `malformed` if bytes are left over.
    public func finish() throws(SubstrateError) {
        guard remaining == 0 else { throw malformed("\(remaining) bytes are left over after the value") }
    }

    public mutating func byte() throws(SubstrateError) -> UInt8 {
        guard offset < end else { throw malformed("the bytes end inside a value") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// Exactly `count` bytes.
    public mutating func bytes(_ count: Int) throws(SubstrateError) -> [UInt8] {
        try skip(count)
        return Array(bytes[(offset - count)..<offset])
    }

    public mutating func skip(_ count: Int) throws(SubstrateError) {
        guard count >= 0, count <= remaining else {
            throw malformed("a value needs \(count) bytes, \(remaining) are left")
        }
        offset += count
    }

    /// A little-endian integer of fixed width.
    public mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(SubstrateError) -> Value {
        let width = Value.bitWidth / 8
        guard width <= remaining else { throw malformed("an integer needs \(width) bytes, \(remaining) are left") }
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        offset += width
        return Value(littleEndian: value)
    }

    /// One byte, 0 or 1 and nothing else.
    public mutating func bool() throws(SubstrateError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        case let other: throw malformed("a boolean is 0 or 1, not \(other)")
        }
    }

    /// A compact integer in its shortest form.
    /// - Parameter bits: width of the declared type; a greater value is refused.
    public mutating func compact(bits: Int = 128) throws(SubstrateError) -> UInt128 {
        let first = try byte()
        let value: UInt128
        let least: UInt128
        switch first & 3 {
        case 0: (value, least) = (UInt128(first >> 2), 0)
        case 1:
            let second = try byte()
            (value, least) = (UInt128(second) << 6 | UInt128(first >> 2), 1 << 6)
        case 2:
            offset -= 1
            (value, least) = (UInt128(try integer(UInt32.self) >> 2), 1 << 14)
        default:
            let count = Int(first >> 2) + 4
            // Beyond 16 bytes there is no type that is in use.
            guard count <= 16 else { throw malformed("a compact integer of \(count) bytes is greater than any type") }
            var sum: UInt128 = 0
            for index in 0..<count { sum |= UInt128(try byte()) << UInt128(8 * index) }
            (value, least) = (sum, max(1 << 30, 1 << UInt128(8 * (count - 1))))
        }
        guard value >= least else { throw malformed("a compact integer is written longer than needed") }
        guard bits >= 128 || value >> UInt128(bits) == 0 else {
            throw malformed("a compact integer is greater than its type of \(bits) bits")
        }
        return value
    }

    /// The number of elements of a sequence, each of which takes at least one byte.
    public mutating func count() throws(SubstrateError) -> Int {
        let count = try compact(bits: 32)
        guard count <= UInt128(remaining) else {
            throw malformed("a sequence of \(count) elements cannot be in the \(remaining) bytes that are left")
        }
        return Int(count)
    }

    /// A sequence of bytes.
    public mutating func byteSequence() throws(SubstrateError) -> [UInt8] { try bytes(try count()) }

    /// A sequence of bytes that is UTF-8.
    public mutating func text() throws(SubstrateError) -> String {
        guard let text = String(validating: try byteSequence(), as: UTF8.self) else {
            throw malformed("a text is not UTF-8")
        }
        return text
    }

    func malformed(_ what: String) -> SubstrateError { SubstrateError(.malformed, "\(what), at byte \(offset)") }
}
