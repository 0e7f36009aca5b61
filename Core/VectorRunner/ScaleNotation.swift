import JSON
import Signatures
import Substrate

/// Trees as the chain's vectors write them: byte strings as `0x` digits, wide integers as decimal texts, variants as texts or
/// objects of one member (docs/spec/tfchain.md section 14).
struct ScaleNotation {
    let registry: TypeRegistry

    /// - Throws: `VectorError` if the JSON is not one of the type.
    func tree(_ json: JSONValue, as id: UInt32) throws -> ScaleValue {
        let type = try registry.type(id)
        switch type.definition {
        case .primitive(let primitive): return try tree(json, as: primitive)
        case .compact(let inner): return try tree(json, as: inner)
        case .composite(let fields): return try tree(json, as: fields)
        case .sequence(let element), .array(_, let element):
            if case .primitive(.u8) = try registry.type(element).definition { return .bytes(try bytes(json)) }
            return .list(try elements(json).map { try tree($0, as: element) })
        case .tuple(let types):
            if types.isEmpty { return .unit }
            if types.count == 1 { return try tree(json, as: types[0]) }
            return .list(try zip(elements(json), types).map { try tree($0, as: $1) })
        case .variants(let variants):
            if type.path == ["Option"] {
                let some = variants.first { $0.name == "Some" }?.fields ?? []
                return json.isNull ? .none : .some(try tree(json, as: some))
            }
            if let name = json.stringValue { return .variant(name) }
            guard let member = json.objectValue?.members.first,
                let variant = variants.first(where: { $0.name == member.key })
            else { throw VectorError("no variant of \(type.path.last ?? "an enum"): \(json.text)") }
            return .variant(variant.name, try tree(member.value, as: variant.fields))
        case .bitSequence: return .bits(try elements(json).map { $0.boolValue ?? false })
        }
    }

    private func tree(_ json: JSONValue, as fields: [RegistryType.Field]) throws -> ScaleValue {
        guard let first = fields.first else { return .unit }
        if first.name == nil {
            if fields.count == 1 { return try tree(json, as: first.type) }
            return .list(try zip(elements(json), fields).map { try tree($0, as: $1.type) })
        }
        return .fields(
            try fields.map { field in
                let name = field.name ?? ""
                guard let value = json[name] else { throw VectorError("there is no field \(name) in \(json.text)") }
                return ScaleField(name, try tree(value, as: field.type))
            })
    }

    private func tree(_ json: JSONValue, as primitive: RegistryType.Primitive) throws -> ScaleValue {
        switch primitive {
        case .bool: return .bool(json.boolValue ?? false)
        case .str, .char: return .text(json.stringValue ?? "")
        case .u256, .i256: return .wide(try bytes(json))
        case .u8, .u16, .u32, .u64, .u128:
            guard let number = UInt128(json.stringValue ?? json.text) else {
                throw VectorError("no number: \(json.text)")
            }
            return .unsigned(number)
        case .i8, .i16, .i32, .i64, .i128:
            guard let number = Int128(json.stringValue ?? json.text) else {
                throw VectorError("no number: \(json.text)")
            }
            return .signed(number)
        }
    }

    private func elements(_ json: JSONValue) throws -> [JSONValue] {
        guard let values = json.arrayValue else { throw VectorError("no list: \(json.text)") }
        return values
    }

    private func bytes(_ json: JSONValue) throws -> [UInt8] {
        guard let bytes = json.stringValue.flatMap(HexText.decode) else { throw VectorError("no bytes: \(json.text)") }
        return bytes
    }
}
