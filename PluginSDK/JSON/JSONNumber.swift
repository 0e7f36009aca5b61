/// A number as it is written. 64-bit integers stay exact; nothing goes through a double unless asked.
public struct JSONNumber: Sendable, Hashable {
    /// The text of the number, by the grammar of RFC 8259.
    public let text: String

    /// For parsers that have checked the grammar.
    public init(uncheckedText text: String) { self.text = text }
    public init(_ value: some FixedWidthInteger) { text = String(value) }

    /// The value if it is written without fraction and exponent and fits.
    public var int64: Int64? { isInteger ? Int64(text) : nil }
    /// The value if it is written without sign, fraction and exponent and fits.
    public var uint64: UInt64? { isInteger ? UInt64(text) : nil }
    /// The nearest double; nil if there is none that is finite.
    public var double: Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    /// Whether the text has neither fraction nor exponent.
    public var isInteger: Bool { !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") } }
}
