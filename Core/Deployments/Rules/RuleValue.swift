import Addresses
import JSON

/// A decoded value of a field.
indirect enum RuleValue: Sendable {
    case number(UInt64)
    case bool(Bool)
    case text(String)
    /// Lower case.
    case hex(String)
    /// Nil is unset.
    case ip(IPAddress?)
    case cidr(CIDR?)
    /// One value per field of the shape.
    case record([RuleValue])
    /// Nil is unset.
    case list([RuleValue]?)
    /// Sorted by the bytes of the keys, each key once; nil is unset.
    case map([(key: String, value: String)]?)
    /// An optional field that is not there.
    case absent

    /// Zero as section 3.4 of docs/spec/challenge-rules.md wants it: of a record its hashed fields. An optional field
    /// that is there is not zero, even if it is empty.
    func isZero(_ field: RuleField) -> Bool { field.isOptional ? isAbsent : isZero(field.kind) }

    private func isZero(_ kind: FieldKind) -> Bool {
        switch (self, kind) {
        case (.number(let value), _): value == 0
        case (.bool(let value), _): !value
        case (.text(let text), _), (.hex(let text), _): text.isEmpty
        case (.ip(let address), _): address == nil
        case (.cidr(let range), _): range == nil
        case (.record(let values), .record(let shape)):
            shape.order.allSatisfy { values[$0].isZero(shape.fields[$0]) }
        case (.list(let elements), _): elements?.isEmpty ?? true
        case (.map(let entries), _): entries?.isEmpty ?? true
        case (.absent, _): true
        case (.record, _): preconditionFailure("unreachable: a record is decoded by the shape of a record")
        }
    }

    /// Whether an optional field is there at all, even if empty.
    var isAbsent: Bool { if case .absent = self { true } else { false } }

    /// The value as it is written; nil for what is not written at all.
    func json(_ field: RuleField) -> JSONValue? {
        if case .list(let elements) = self, case .list(_, omitEmpty: true) = field.kind, elements?.isEmpty ?? true {
            return nil
        }
        // Spelled out, since a plain nil would be read as the JSON value null.
        return isAbsent ? Optional.none : json(field.kind)
    }

    func json(_ kind: FieldKind) -> JSONValue {
        switch (self, kind) {
        case (.number(let value), _): return .number(JSONNumber(value))
        case (.bool(let value), _): return .bool(value)
        case (.text(let text), _), (.hex(let text), _): return .string(text)
        case (.ip(let address), _): return .string(address?.text ?? "")
        case (.cidr(let range), _): return .string(range?.text ?? "")
        case (.record(let values), .record(let shape)):
            var object = JSONObject()
            for (field, value) in zip(shape.fields, values) {
                guard let json = value.json(field) else { continue }
                object.members.append(JSONMember(key: field.name, value: json))
            }
            return .object(object)
        case (.list(let elements), .list(let element, _)):
            return elements.map { .array($0.map { $0.json(element) }) } ?? .null
        case (.map(let entries), _):
            return entries.map { entries in
                .object(JSONObject(members: entries.map { JSONMember(key: $0.key, value: .string($0.value)) }))
            } ?? .null
        case (.absent, _), (.record, _), (.list, _):
            preconditionFailure("unreachable: a value is written by the field that it was decoded for")
        }
    }
}
