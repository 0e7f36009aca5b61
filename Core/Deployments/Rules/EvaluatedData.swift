import JSON

/// What a rule makes of the data of a workload. Holds secrets: never logged.
public struct EvaluatedData: Sendable {
    /// What plugins and schemas see: the normalised value, for new types the canonical one.
    public let value: JSONValue
    /// Its text (docs/spec/challenge-rules.md section 3.1 and 4).
    public let text: String
    /// The bytes that a deployment's hash covers; for new types those of `text`.
    public let part: [UInt8]
    /// The bytes that an older generation of the type covered, if it can express this data (section 3.4).
    public let formerPart: [UInt8]?
}

extension EvaluatedData: CustomStringConvertible {
    /// The length alone: data holds secrets.
    public var description: String { "data of \(text.utf8.count) bytes" }
}
