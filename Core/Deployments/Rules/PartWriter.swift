/// Joins the texts that are hashed, within the bound of docs/spec/challenge-rules.md section 1.
struct PartWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ values: [RuleValue], _ shape: RecordShape, order: [Int]) throws(DeploymentError) {
        for index in order { try write(values[index], shape.fields[index].kind) }
    }

    private mutating func write(_ value: RuleValue, _ kind: FieldKind) throws(DeploymentError) {
        switch (value, kind) {
        case (.number(let value), _): try append(String(value))
        case (.bool(let value), _): try append(value ? "true" : "false")
        case (.text(let text), _), (.hex(let text), _): try append(text)
        case (.ip(let address), _): try append(address?.text ?? "<nil>")
        case (.cidr(let range), _): try append(range?.text ?? "<nil>")
        case (.record(let values), .record(let shape)): try write(values, shape, order: shape.order)
        case (.list(let elements), .list(let element, _)):
            for value in elements ?? [] { try write(value, element) }
        case (.map(let entries), _):
            for entry in entries ?? [] {
                try append(entry.key)
                try append("=")
                try append(entry.value)
            }
        case (.absent, _): break
        case (.record, _), (.list, _):
            preconditionFailure("unreachable: a value is hashed by the field that it was decoded for")
        }
    }

    private mutating func append(_ text: String) throws(DeploymentError) {
        bytes += text.utf8
        guard bytes.count <= ChallengeRule.maximumPart else {
            throw DeploymentError(.dataLimit, "data: more than \(ChallengeRule.maximumPart) bytes to hash")
        }
    }
}
