extension TypeRegistry {
    /// Writes a tree as a type. Named fields are found by their names, in whatever order the tree has them.
    /// - Throws: `valueMismatch`, naming what was expected; `unsupportedRuntime` for a variant or field that the type lacks.
    public func encode(_ value: ScaleValue, as type: UInt32) throws(SubstrateError) -> [UInt8] {
        var encoder = ScaleEncoder(registry: self)
        try encoder.write(value, as: type)
        return encoder.writer.bytes
    }
}

/// Encoding in progress.
struct ScaleEncoder {
    let registry: TypeRegistry
    var writer = ScaleWriter()
    private let maxDepth = ScaleLimits().maxDepth
    private var depth = 0

    init(registry: TypeRegistry) { self.registry = registry }

    mutating func write(_ value: ScaleValue, as id: UInt32) throws(SubstrateError) {
        guard depth < maxDepth else { throw SubstrateError(.tooLarge, "types nest deeper than \(maxDepth)") }
        depth += 1
        defer { depth -= 1 }
        let type = try registry.type(id)
        switch type.definition {
        case .primitive(let primitive): try write(value, as: primitive)
        case .composite(let fields): try write(value, as: fields, of: type.path.last ?? "a struct")
        case .variants: try variant(value, of: type)
        case .sequence(let element):
            if registry.isByte(element) {
                writer.byteSequence(try bytes(value))
            } else {
                let values = try list(value)
                writer.compact(values.count)
                for value in values { try write(value, as: element) }
            }
        case .array(let count, let element):
            if registry.isByte(element) {
                let bytes = try bytes(value)
                guard bytes.count == Int(count) else { throw mismatch("\(count) bytes", "\(bytes.count) bytes") }
                writer.append(bytes)
            } else {
                try tuple(try list(value), count: Int(count)) { _ in element }
            }
        case .tuple(let elements):
            if elements.count == 1 { return try write(value, as: elements[0]) }
            if elements.isEmpty {
                guard case .unit = value else { throw mismatch("nothing", value.shapeName) }
                return
            }
            try tuple(try list(value), count: elements.count) { elements[$0] }
        case .compact(let inner):
            guard let bits = try registry.compactBits(inner) else { return }
            guard case .unsigned(let number) = value else { throw mismatch("an integer", value.shapeName) }
            guard bits == 128 || number >> UInt128(bits) == 0 else { throw mismatch("\(bits) bits", "\(number)") }
            writer.compact(number)
        case .bitSequence(let store, let order): try self.bits(value, store: store, order: order)
        }
    }

    private mutating func write(
        _ value: ScaleValue, as primitive: RegistryType.Primitive
    ) throws(SubstrateError) {
        switch (primitive, value) {
        case (.bool, .bool(let value)): writer.bool(value)
        case (.char, .character(let scalar)): writer.integer(scalar.value)
        case (.str, .text(let text)): writer.text(text)
        case (.u8, .unsigned(let number)): writer.integer(try narrow(number) as UInt8)
        case (.u16, .unsigned(let number)): writer.integer(try narrow(number) as UInt16)
        case (.u32, .unsigned(let number)): writer.integer(try narrow(number) as UInt32)
        case (.u64, .unsigned(let number)): writer.integer(try narrow(number) as UInt64)
        case (.u128, .unsigned(let number)): writer.integer(number)
        case (.i8, .signed(let number)): writer.integer(try narrow(number) as Int8)
        case (.i16, .signed(let number)): writer.integer(try narrow(number) as Int16)
        case (.i32, .signed(let number)): writer.integer(try narrow(number) as Int32)
        case (.i64, .signed(let number)): writer.integer(try narrow(number) as Int64)
        case (.i128, .signed(let number)): writer.integer(number)
        case (.u256, .wide(let bytes)) where bytes.count == 32, (.i256, .wide(let bytes)) where bytes.count == 32:
            writer.append(bytes)
        default: throw mismatch("\(primitive)", value.shapeName)
        }
    }

    private func narrow<Narrow: FixedWidthInteger>(_ number: some FixedWidthInteger) throws(SubstrateError) -> Narrow {
        guard let value = Narrow(exactly: number) else { throw mismatch("\(Narrow.self)", "\(number)") }
        return value
    }

    mutating func write(
        _ value: ScaleValue, as fields: [RegistryType.Field], of owner: String
    ) throws(SubstrateError) {
        guard let first = fields.first else {
            guard case .unit = value else { throw mismatch("nothing in \(owner)", value.shapeName) }
            return
        }
        guard first.name != nil else {
            if fields.count == 1 { return try write(value, as: first.type) }
            return try tuple(try list(value), count: fields.count) { fields[$0].type }
        }
        guard case .fields(let given) = value else { throw mismatch("the fields of \(owner)", value.shapeName) }
        for field in fields {
            guard let entry = given.first(where: { $0.name == field.name }) else {
                throw SubstrateError(
                    .unsupportedRuntime, "unsupported runtime: \(owner) wants a field \(field.name ?? "") too")
            }
            try write(entry.value, as: field.type)
        }
        // A field that the runtime does not know would be lost in silence.
        for entry in given where !fields.contains(where: { $0.name == entry.name }) {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: \(owner) has no field \(entry.name)")
        }
    }

    private mutating func variant(_ value: ScaleValue, of type: RegistryType) throws(SubstrateError) {
        let owner = type.path.last ?? "an enum"
        let name: String
        let payload: ScaleValue
        switch value {
        case .variant(let chosen, let carried): (name, payload) = (chosen, carried)
        case .option(let inner) where type.isOption: (name, payload) = inner.map { ("Some", $0) } ?? ("None", .unit)
        default: throw mismatch("a variant of \(owner)", value.shapeName)
        }
        guard let variant = type.variant(named: name) else {
            throw SubstrateError(.unsupportedRuntime, "unsupported runtime: \(owner) has no variant \(name)")
        }
        writer.byte(variant.index)
        try write(payload, as: variant.fields, of: "\(owner).\(name)")
    }

    private mutating func tuple(
        _ values: [ScaleValue], count: Int, type: (Int) -> UInt32
    ) throws(SubstrateError) {
        guard values.count == count else { throw mismatch("\(count) elements", "\(values.count)") }
        for (index, value) in values.enumerated() { try write(value, as: type(index)) }
    }

    private mutating func bits(_ value: ScaleValue, store: UInt32, order: UInt32) throws(SubstrateError) {
        guard case .bits(let bits) = value else { throw mismatch("bits", value.shapeName) }
        guard case .primitive(let primitive) = try registry.type(store).definition, let width = primitive.bits,
            [8, 16, 32, 64].contains(width)
        else { throw SubstrateError(.malformed, "the metadata has a bit sequence of something that is no integer") }
        let isMostSignificantFirst = try registry.type(order).path.last == "Msb0"
        var bytes = [UInt8](repeating: 0, count: (bits.count + width - 1) / width * (width / 8))
        for (index, bit) in bits.enumerated() where bit {
            let place = isMostSignificantFirst ? width - 1 - index % width : index % width
            bytes[index / width * (width / 8) + place / 8] |= 1 << (place % 8)
        }
        writer.compact(bits.count)
        writer.append(bytes)
    }

    private func bytes(_ value: ScaleValue) throws(SubstrateError) -> [UInt8] {
        guard case .bytes(let bytes) = value else { throw mismatch("bytes", value.shapeName) }
        return bytes
    }

    private func list(_ value: ScaleValue) throws(SubstrateError) -> [ScaleValue] {
        guard case .list(let values) = value else { throw mismatch("a list", value.shapeName) }
        return values
    }

    private func mismatch(_ expected: String, _ found: String) -> SubstrateError {
        SubstrateError(.valueMismatch, "\(expected) was expected, the value is \(found)")
    }
}
