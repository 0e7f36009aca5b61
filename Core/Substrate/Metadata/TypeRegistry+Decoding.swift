extension TypeRegistry {
    /// Reads one value that fills the bytes exactly.
    public func decode(
        _ bytes: [UInt8], as type: UInt32, limits: ScaleLimits = ScaleLimits()
    ) throws(SubstrateError) -> ScaleValue {
        var decoder = ScaleDecoder(self, ScaleReader(bytes), limits: limits)
        let value = try decoder.value(of: type)
        try decoder.reader.finish()
        return value
    }
}

/// Decoding in progress: types nest and steps count, so that neither bytes nor metadata of a stranger cost more than their
/// size allows.
struct ScaleDecoder {
    let registry: TypeRegistry
    var reader: ScaleReader
    private let maxDepth: Int
    private var stepsLeft: Int
    private var depth = 0

    init(_ registry: TypeRegistry, _ reader: ScaleReader, limits: ScaleLimits = ScaleLimits()) {
        self.registry = registry
        self.reader = reader
        maxDepth = limits.maxDepth
        stepsLeft = limits.steps(bytes: reader.remaining)
    }

    mutating func value(of id: UInt32) throws(SubstrateError) -> ScaleValue {
        guard depth < maxDepth else {
            throw SubstrateError(.tooLarge, "types nest deeper than \(maxDepth), at byte \(reader.offset)")
        }
        guard stepsLeft > 0 else {
            throw SubstrateError(.tooLarge, "decoding takes too many steps, at byte \(reader.offset)")
        }
        stepsLeft -= 1
        depth += 1
        defer { depth -= 1 }
        let type = try registry.type(id)
        switch type.definition {
        case .primitive(let primitive): return try self.primitive(primitive)
        case .composite(let fields): return try self.fields(fields)
        case .variants: return try variant(of: type)
        case .sequence(let element):
            let count = try reader.count()
            return registry.isByte(element) ? .bytes(try reader.bytes(count)) : try list(count, of: element)
        case .array(let count, let element):
            let count = Int(count)
            return registry.isByte(element) ? .bytes(try reader.bytes(count)) : try list(count, of: element)
        case .tuple(let elements):
            if elements.count == 1 { return try value(of: elements[0]) }
            if elements.isEmpty { return .unit }
            var values: [ScaleValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try value(of: element)) }
            return .list(values)
        case .compact(let inner):
            guard let bits = try registry.compactBits(inner) else { return .unit }
            return .unsigned(try reader.compact(bits: bits))
        case .bitSequence(let store, let order): return .bits(try bits(store: store, order: order))
        }
    }

    private mutating func primitive(_ primitive: RegistryType.Primitive) throws(SubstrateError) -> ScaleValue {
        switch primitive {
        case .bool: return .bool(try reader.bool())
        case .char:
            guard let scalar = Unicode.Scalar(try reader.integer(UInt32.self)) else {
                throw reader.malformed("a character is none of Unicode's")
            }
            return .character(scalar)
        case .str: return .text(try reader.text())
        case .u8: return .unsigned(UInt128(try reader.byte()))
        case .u16: return .unsigned(UInt128(try reader.integer(UInt16.self)))
        case .u32: return .unsigned(UInt128(try reader.integer(UInt32.self)))
        case .u64: return .unsigned(UInt128(try reader.integer(UInt64.self)))
        case .u128: return .unsigned(try reader.integer(UInt128.self))
        case .i8: return .signed(Int128(try reader.integer(Int8.self)))
        case .i16: return .signed(Int128(try reader.integer(Int16.self)))
        case .i32: return .signed(Int128(try reader.integer(Int32.self)))
        case .i64: return .signed(Int128(try reader.integer(Int64.self)))
        case .i128: return .signed(try reader.integer(Int128.self))
        case .u256, .i256: return .wide(try reader.bytes(32))
        }
    }

    /// The fields of a struct or of a variant.
    mutating func fields(_ fields: [RegistryType.Field]) throws(SubstrateError) -> ScaleValue {
        guard let first = fields.first else { return .unit }
        if first.name == nil {
            if fields.count == 1 { return try value(of: first.type) }
            var values: [ScaleValue] = []
            values.reserveCapacity(fields.count)
            for field in fields { values.append(try value(of: field.type)) }
            return .list(values)
        }
        var named: [ScaleField] = []
        named.reserveCapacity(fields.count)
        for field in fields { named.append(ScaleField(field.name ?? "", try value(of: field.type))) }
        return .fields(named)
    }

    private mutating func variant(of type: RegistryType) throws(SubstrateError) -> ScaleValue {
        let index = try reader.byte()
        guard let variant = type.variant(index: index) else {
            throw reader.malformed("\(type.path.last ?? "an enum") has no variant \(index)")
        }
        let payload = try fields(variant.fields)
        guard type.isOption else { return .variant(variant.name, payload) }
        return .option(variant.fields.isEmpty ? nil : payload)
    }

    private mutating func list(_ count: Int, of element: UInt32) throws(SubstrateError) -> ScaleValue {
        var values: [ScaleValue] = []
        // Real elements take at least a byte; those of an array that take none are bounded by the steps.
        values.reserveCapacity(min(count, reader.remaining, 1024))
        for _ in 0..<count { values.append(try value(of: element)) }
        return .list(values)
    }

    /// A count of bits, then as many words as they need.
    private mutating func bits(store: UInt32, order: UInt32) throws(SubstrateError) -> [Bool] {
        guard case .primitive(let primitive) = try registry.type(store).definition, let width = primitive.bits,
            [8, 16, 32, 64].contains(width)
        else { throw SubstrateError(.malformed, "the metadata has a bit sequence of something that is no integer") }
        let isMostSignificantFirst = try registry.type(order).path.last == "Msb0"
        let count = Int(try reader.compact(bits: 32))
        let words = (count + width - 1) / width
        guard words * (width / 8) <= reader.remaining else {
            throw reader.malformed("a sequence of \(count) bits is longer than what is left")
        }
        guard count <= stepsLeft else { throw SubstrateError(.tooLarge, "a sequence of \(count) bits is too long") }
        stepsLeft -= count
        let bytes = try reader.bytes(words * (width / 8))
        return (0..<count).map { index in
            let place = isMostSignificantFirst ? width - 1 - index % width : index % width
            return bytes[index / width * (width / 8) + place / 8] >> (place % 8) & 1 == 1
        }
    }
}

extension TypeRegistry {
    /// The width of the integer inside a compact, through wrappers of one field; nil for the empty tuple.
    func compactBits(_ id: UInt32) throws(SubstrateError) -> Int? {
        var id = id
        for _ in 0..<8 {
            switch try type(id).definition {
            case .primitive(let primitive):
                if let bits = primitive.bits, bits <= 128 { return bits }
            case .composite(let fields) where fields.count == 1:
                id = fields[0].type
                continue
            case .composite(let fields) where fields.isEmpty: return nil
            case .tuple(let elements) where elements.isEmpty: return nil
            case .tuple(let elements) where elements.count == 1:
                id = elements[0]
                continue
            default: break
            }
            break
        }
        throw SubstrateError(.malformed, "the metadata has a compact of something that is no unsigned integer")
    }
}
