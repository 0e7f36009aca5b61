import JSON

/// How the data of a type is decoded, written back and hashed (docs/spec/challenge-rules.md).
public struct ChallengeRule: Sendable {
    enum Form: Sendable {
        case canonical
        case fields(RecordShape, former: [Int]?)
    }

    let form: Form
    /// The canonical JSON of the rule: two rules are equal if these texts are.
    public let canonicalText: String

    init(form: Form, canonicalText: String) {
        self.form = form
        self.canonicalText = canonicalText
    }

    /// The rule of every type outside the table of historic ones.
    public static let canonical = ChallengeRule(form: .canonical, canonicalText: #"{"rule":"canonical-1"}"#)

    public var isCanonical: Bool { if case .canonical = form { true } else { false } }
    /// Whether the type once hashed fewer fields under the same name (section 3.4).
    public var hasFormer: Bool { if case .fields(_, former: .some) = form { true } else { false } }

    // The bounds of section 1.
    /// Bytes of a rule's text.
    public static let maximumText = 65_536
    static let maximumRecords = 8
    static let maximumFields = 256
    /// Bytes of the data of one workload.
    public static let maximumData = 1 << 20
    /// Objects and arrays inside each other in data, the root counting 1.
    public static let maximumDepth = 64
    /// Bytes of one data part.
    public static let maximumPart = 4 << 20
    /// Values that data may decode to; ours, for rules whose elements have many fields that hash to nothing. No data
    /// within the other bounds gets there by a rule of the table.
    static let maximumValues = 4 << 20
}

extension ChallengeRule: Hashable {
    public static func == (left: ChallengeRule, right: ChallengeRule) -> Bool {
        left.canonicalText.utf8.elementsEqual(right.canonicalText.utf8)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(Array(canonicalText.utf8)) }
}
