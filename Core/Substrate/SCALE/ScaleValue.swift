/// A decoded value as a tree. The type that it belongs to is known from the metadata, so the tree holds no widths.
///
/// Wrappers of one unnamed field are their field, sequences and arrays of `u8` are bytes.
public enum ScaleValue: Sendable, Hashable {
    case unit
    case bool(Bool)
    case unsigned(UInt128)
    case signed(Int128)
    /// Integers of 256 bits: 32 bytes, little-endian.
    case wide([UInt8])
    case character(Unicode.Scalar)
    case text(String)
    case bytes([UInt8])
    case bits([Bool])
    /// Elements of a sequence or array, or unnamed fields.
    case list([ScaleValue])
    /// Named fields in their order.
    case fields([ScaleField])
    /// A variant of an enum; `unit` if it has no fields.
    indirect case variant(String, ScaleValue)
    indirect case option(ScaleValue?)
}

/// A named field of a struct or of a variant.
public struct ScaleField: Sendable, Hashable {
    public let name: String
    public var value: ScaleValue

    public init(_ name: String, _ value: ScaleValue) {
        self.name = name
        self.value = value
    }
}

extension ScaleValue {
    public static func number(_ value: some UnsignedInteger & FixedWidthInteger) -> ScaleValue {
        .unsigned(UInt128(value))
    }

    /// The bytes of a text, as the chain keeps texts.
    public static func utf8(_ text: String) -> ScaleValue { .bytes(Array(text.utf8)) }

    public static func variant(_ name: String) -> ScaleValue { .variant(name, .unit) }

    public static func some(_ value: ScaleValue) -> ScaleValue { .option(value) }

    public static var none: ScaleValue { .option(nil) }

    public static func record(_ fields: KeyValuePairs<String, ScaleValue>) -> ScaleValue {
        .fields(fields.map { ScaleField($0.key, $0.value) })
    }
}
