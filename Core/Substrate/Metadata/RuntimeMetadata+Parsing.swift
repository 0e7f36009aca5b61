extension RuntimeMetadata {
    /// `meta`, as the bytes begin.
    static let magic = Array("meta".utf8)
    static let format: UInt8 = 14
    /// Real metadata has hundreds of kilobytes.
    static let maxBytes = 16 << 20

    /// Reads metadata as `state_getMetadata` answers (docs/spec/tfchain.md section 3).
    public init(parsing bytes: [UInt8]) throws(SubstrateError) {
        guard bytes.count <= Self.maxBytes else {
            throw SubstrateError(.tooLarge, "metadata of \(bytes.count) bytes; at most \(Self.maxBytes) are read")
        }
        var parser = MetadataParser(reader: ScaleReader(bytes))
        guard try parser.reader.bytes(4) == Self.magic else {
            throw SubstrateError(.malformed, "the bytes do not begin as metadata does")
        }
        let format = try parser.reader.byte()
        guard format == Self.format else {
            throw SubstrateError(
                .unsupportedRuntime, "unsupported runtime: metadata of format \(format), only \(Self.format) is read")
        }
        let types = try parser.types()
        let pallets = try parser.list { (parser) throws(SubstrateError) in try parser.pallet() }
        let extrinsic = try parser.extrinsic()
        _ = try parser.type()
        try parser.reader.finish()
        try self.init(registry: TypeRegistry(types: types), pallets: pallets, extrinsic: extrinsic)
    }
}

/// Metadata in reading. Every list's count was compared with the bytes left, and every element takes at least one byte.
private struct MetadataParser {
    var reader: ScaleReader

    mutating func list<Element>(
        _ element: (inout MetadataParser) throws(SubstrateError) -> Element
    ) throws(SubstrateError) -> [Element] {
        let count = try reader.count()
        var elements: [Element] = []
        // Not the whole count at once: an element in memory is much larger than its one byte here.
        elements.reserveCapacity(min(count, 64))
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    mutating func optional<Value>(
        _ value: (inout MetadataParser) throws(SubstrateError) -> Value
    ) throws(SubstrateError) -> Value? {
        try reader.bool() ? try value(&self) : nil
    }

    mutating func type() throws(SubstrateError) -> UInt32 { UInt32(try reader.compact(bits: 32)) }

    private mutating func texts() throws(SubstrateError) -> [String] {
        try list { (parser) throws(SubstrateError) in try parser.reader.text() }
    }

    /// Documentation is read over.
    private mutating func docs() throws(SubstrateError) {
        for _ in 0..<(try reader.count()) { try reader.skip(try reader.count()) }
    }

    mutating func types() throws(SubstrateError) -> [RegistryType] {
        var next: UInt32 = 0
        return try list { (parser) throws(SubstrateError) in
            let id = try parser.type()
            guard id == next else {
                throw SubstrateError(.malformed, "type \(id) stands at place \(next) of the metadata")
            }
            next += 1
            let path = try parser.texts()
            let parameters = try parser.list { (parser) throws(SubstrateError) in
                (
                    name: try parser.reader.text(),
                    type: try parser.optional { (parser) throws(SubstrateError) in try parser.type() }
                )
            }
            let definition = try parser.definition()
            try parser.docs()
            return RegistryType(path: path, parameters: parameters, definition)
        }
    }

    private mutating func definition() throws(SubstrateError) -> RegistryType.Definition {
        switch try reader.byte() {
        case 0: return .composite(try fields())
        case 1:
            return .variants(
                try list { (parser) throws(SubstrateError) in
                    let name = try parser.reader.text()
                    let fields = try parser.fields()
                    let index = try parser.reader.byte()
                    try parser.docs()
                    return RegistryType.Variant(name: name, index: index, fields: fields)
                })
        case 2: return .sequence(try type())
        case 3: return .array(count: try reader.integer(), try type())
        case 4: return .tuple(try list { (parser) throws(SubstrateError) in try parser.type() })
        case 5:
            let number = try reader.byte()
            guard let primitive = RegistryType.Primitive(rawValue: number) else {
                throw reader.malformed("there is no primitive type \(number)")
            }
            return .primitive(primitive)
        case 6: return .compact(try type())
        case 7: return .bitSequence(store: try type(), order: try type())
        case let other: throw reader.malformed("there is no kind of type \(other)")
        }
    }

    private mutating func fields() throws(SubstrateError) -> [RegistryType.Field] {
        try list { (parser) throws(SubstrateError) in
            let name = try parser.optional { (parser) throws(SubstrateError) in try parser.reader.text() }
            let type = try parser.type()
            let typeName = try parser.optional { (parser) throws(SubstrateError) in try parser.reader.text() }
            try parser.docs()
            return RegistryType.Field(name: name, type: type, typeName: typeName)
        }
    }

    mutating func pallet() throws(SubstrateError) -> Pallet {
        let name = try reader.text()
        let storage = try optional { (parser) throws(SubstrateError) in
            (
                prefix: try parser.reader.text(),
                entries: try parser.list { (parser) throws(SubstrateError) in try parser.storageEntry() }
            )
        }
        let calls = try optional { (parser) throws(SubstrateError) in try parser.type() }
        let events = try optional { (parser) throws(SubstrateError) in try parser.type() }
        let constants = try list { (parser) throws(SubstrateError) in
            let constant = Pallet.Constant(
                name: try parser.reader.text(), type: try parser.type(), bytes: try parser.reader.byteSequence())
            try parser.docs()
            return constant
        }
        let errors = try optional { (parser) throws(SubstrateError) in try parser.type() }
        return Pallet(
            name: name, index: try reader.byte(), storagePrefix: storage?.prefix ?? name,
            storage: storage?.entries ?? [], calls: calls, events: events, errors: errors, constants: constants)
    }

    private mutating func storageEntry() throws(SubstrateError) -> StorageEntry {
        let name = try reader.text()
        guard let modifier = StorageEntry.Modifier(rawValue: try reader.byte()) else {
            throw reader.malformed("storage \(name) has a modifier that is not known")
        }
        var hashers: [StorageHasher] = []
        var key: UInt32?
        switch try reader.byte() {
        case 0: break
        case 1:
            hashers = try list { (parser) throws(SubstrateError) in
                guard let hasher = StorageHasher(rawValue: try parser.reader.byte()) else {
                    throw parser.reader.malformed("storage \(name) has a hasher that is not known")
                }
                return hasher
            }
            key = try type()
        default: throw reader.malformed("storage \(name) is of a kind that is not known")
        }
        let value = try type()
        let fallback = try reader.byteSequence()
        try docs()
        return StorageEntry(
            name: name, modifier: modifier, hashers: hashers, key: key, value: value, fallback: fallback)
    }

    mutating func extrinsic() throws(SubstrateError) -> ExtrinsicFormat {
        let type = try type()
        let version = try reader.byte()
        let extensions = try list { (parser) throws(SubstrateError) in
            ExtrinsicFormat.Extension(
                name: try parser.reader.text(), extra: try parser.type(), additional: try parser.type())
        }
        return ExtrinsicFormat(type: type, version: version, extensions: extensions)
    }
}
