/// The kinds of plain values that a rule knows (docs/spec/challenge-rules.md section 1).
enum ScalarKind: String, Sendable {
    case uint8, uint16, uint32, uint64, bool, text, hex, ip, cidr

    /// The largest value of an integer kind.
    var maximum: UInt64? {
        switch self {
        case .uint8: UInt64(UInt8.max)
        case .uint16: UInt64(UInt16.max)
        case .uint32: UInt64(UInt32.max)
        case .uint64: UInt64.max
        default: nil
        }
    }
}

/// What a field holds.
indirect enum FieldKind: Sendable {
    case scalar(ScalarKind)
    case record(RecordShape)
    case list(of: FieldKind, omitEmpty: Bool)
    case map
}

/// One member of a record.
struct RuleField: Sendable {
    let name: String
    let kind: FieldKind
    /// Absence is a value of its own.
    let isOptional: Bool
    let isHashed: Bool
}

/// The members of a record: in the order of writing, and in the order of hashing.
struct RecordShape: Sendable {
    let fields: [RuleField]
    /// Indices of the hashed fields.
    let order: [Int]
    /// Index of a field by its folded name.
    let byName: [[UInt8]: Int]
}
