import Addresses
import JSON

/// Reads data by the shape of a rule (docs/spec/challenge-rules.md section 2).
struct RuleDecoder {
    let repeats: DecodingPolicy.Repeats
    private var values = 0

    init(repeats: DecodingPolicy.Repeats) { self.repeats = repeats }

    mutating func record(
        _ object: JSONObject, _ shape: RecordShape, _ path: String
    ) throws(DeploymentError) -> [RuleValue] {
        var occurrences: [[JSONValue]] = Array(repeating: [], count: shape.fields.count)
        var seen: Set<[UInt8]> = []
        for member in object.members {
            let name = JSONObject.fold(member.key)
            if repeats == .refused, !seen.insert(name).inserted {
                throw Self.error(path, "has a member twice")
            }
            if let index = shape.byName[name] { occurrences[index].append(member.value) }
        }
        var result: [RuleValue] = []
        result.reserveCapacity(shape.fields.count)
        for (field, found) in zip(shape.fields, occurrences) {
            result.append(try member(found, field, "\(path).\(field.name)"))
        }
        return result
    }

    private mutating func member(
        _ found: [JSONValue], _ field: RuleField, _ path: String
    ) throws(DeploymentError) -> RuleValue {
        guard let last = found.last else { return try field.isOptional ? .absent : zero(field.kind, path) }
        if found.count > 1 {
            guard case .scalar = field.kind, !field.isOptional, !found.contains(.null) else {
                throw Self.error(path, "is there twice")
            }
            for value in found.dropLast() { _ = try decode(value, field.kind, path) }
        }
        if last.isNull, field.isOptional { return .absent }
        return try decode(last, field.kind, path)
    }

    private mutating func decode(_ value: JSONValue, _ kind: FieldKind, _ path: String) throws(DeploymentError)
        -> RuleValue
    {
        if value.isNull { return try zero(kind, path) }
        try count(path)
        switch kind {
        case .scalar(let kind): return try scalar(value, kind, path)
        case .record(let shape):
            guard let object = value.objectValue else { throw Self.error(path, "must be an object") }
            return .record(try record(object, shape, path))
        case .list(let element, _):
            guard let elements = value.arrayValue else { throw Self.error(path, "must be a list") }
            var result: [RuleValue] = []
            result.reserveCapacity(elements.count)
            for (index, value) in elements.enumerated() {
                result.append(try decode(value, element, "\(path)[\(index)]"))
            }
            return .list(result)
        case .map:
            guard let object = value.objectValue else { throw Self.error(path, "must be an object") }
            return .map(try map(object, path))
        }
    }

    private mutating func zero(_ kind: FieldKind, _ path: String) throws(DeploymentError) -> RuleValue {
        try count(path)
        switch kind {
        case .scalar(.bool): return .bool(false)
        case .scalar(.text): return .text("")
        case .scalar(.hex): return .hex("")
        case .scalar(.ip): return .ip(nil)
        case .scalar(.cidr): return .cidr(nil)
        case .scalar: return .number(0)
        case .record(let shape): return .record(try record(JSONObject(), shape, path))
        case .list: return .list(nil)
        case .map: return .map(nil)
        }
    }

    private func scalar(_ value: JSONValue, _ kind: ScalarKind, _ path: String) throws(DeploymentError) -> RuleValue {
        if let maximum = kind.maximum {
            guard let number = value.numberValue, number.text.utf8.first != UInt8(ascii: "-"),
                let integer = number.uint64, integer <= maximum
            else { throw Self.error(path, "must be an integer of 0 to \(maximum)") }
            return .number(integer)
        }
        if kind == .bool {
            guard let bool = value.boolValue else { throw Self.error(path, "must be true or false") }
            return .bool(bool)
        }
        guard let text = value.stringValue else { throw Self.error(path, "must be text") }
        switch kind {
        case .hex:
            guard let hex = Self.lowerHex(text) else { throw Self.error(path, "must be an even number of hex digits") }
            return .hex(hex)
        case .ip:
            return .ip(
                try text.isEmpty ? nil : Self.address(path) { () throws(AddressError) in try IPAddress(parsing: text) })
        case .cidr:
            return .cidr(
                try text.isEmpty ? nil : Self.address(path) { () throws(AddressError) in try CIDR(parsing: text) })
        default: return .text(text)
        }
    }

    private func map(_ object: JSONObject, _ path: String) throws(DeploymentError) -> [(key: String, value: String)] {
        var entries: [[UInt8]: (key: String, value: String)] = [:]
        for member in object.members {
            guard let text = member.value.isNull ? "" : member.value.stringValue else {
                throw Self.error(path, "must hold texts")
            }
            let old = entries.updateValue((member.key, text), forKey: Array(member.key.utf8))
            if repeats == .refused, old != nil { throw Self.error(path, "has a key twice") }
        }
        return entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    private mutating func count(_ path: String) throws(DeploymentError) {
        values += 1
        guard values <= ChallengeRule.maximumValues else {
            throw DeploymentError(.dataLimit, "\(path): more than \(ChallengeRule.maximumValues) values")
        }
    }

    private static func lowerHex(_ text: String) -> String? {
        guard text.utf8.count.isMultiple(of: 2) else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte | 0x20)
            default: return nil
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func address<Value>(
        _ path: String, _ parse: () throws(AddressError) -> Value
    ) throws(DeploymentError) -> Value {
        do throws(AddressError) {
            return try parse()
        } catch {
            throw Self.error(path, error.message)
        }
    }

    private static func error(_ path: String, _ fault: String) -> DeploymentError {
        DeploymentError(.dataDecode, "\(path): \(fault)")
    }
}
