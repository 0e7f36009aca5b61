/// Reading of trees by name. What is not there, or of another shape, means a runtime that this program does not know:
/// `unsupportedRuntime`, never a guess.
extension ScaleValue {
    /// A field that may be missing.
    public subscript(name: String) -> ScaleValue? {
        guard case .fields(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    /// A field that is needed.
    public func field(_ name: String) throws(SubstrateError) -> ScaleValue {
        guard let value = self[name] else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: there is no field \(name)")
        }
        return value
    }

    public func integer<Value: FixedWidthInteger & UnsignedInteger>(
        _: Value.Type = Value.self
    ) throws(SubstrateError) -> Value {
        guard case .unsigned(let number) = self, let value = Value(exactly: number) else {
            throw shape("an integer of at most \(Value.bitWidth) bits")
        }
        return value
    }

    public func boolean() throws(SubstrateError) -> Bool {
        guard case .bool(let value) = self else { throw shape("a boolean") }
        return value
    }

    public func byteArray() throws(SubstrateError) -> [UInt8] {
        switch self {
        case .bytes(let value): return value
        case .text(let value): return Array(value.utf8)
        case .list(let values) where values.isEmpty: return []
        default: throw shape("bytes")
        }
    }

    /// Bytes as text; what is no UTF-8 becomes U+FFFD.
    public func displayText() throws(SubstrateError) -> String { String(decoding: try byteArray(), as: UTF8.self) }

    public func optional() throws(SubstrateError) -> ScaleValue? {
        guard case .option(let value) = self else { throw shape("an option") }
        return value
    }

    public func elements() throws(SubstrateError) -> [ScaleValue] {
        guard case .list(let values) = self else { throw shape("a list") }
        return values
    }

    /// The name of an enum's variant and what it carries.
    public func chosen() throws(SubstrateError) -> (name: String, payload: ScaleValue) {
        guard case .variant(let name, let payload) = self else { throw shape("an enum") }
        return (name, payload)
    }

    private func shape(_ expected: String) -> SubstrateError {
        SubstrateError(.unsupportedRuntime, "unsupported runtime: \(expected) was expected, there is \(shapeName)")
    }

    var shapeName: String {
        switch self {
        case .unit: "nothing"
        case .bool: "a boolean"
        case .unsigned, .signed, .wide: "an integer"
        case .character, .text: "a text"
        case .bytes: "bytes"
        case .bits: "bits"
        case .list: "a list"
        case .fields: "a struct"
        case .variant(let name, _): "variant \(name)"
        case .option: "an option"
        }
    }
}
