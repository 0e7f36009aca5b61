/// Names a place inside a value: `workloads[2].data`.
enum JSONPath {
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int?

        init(_ text: String) { (stringValue, intValue) = (text, nil) }
        init(_ index: Int) { (stringValue, intValue) = (String(index), index) }
        init(stringValue: String) { self.init(stringValue) }
        init(intValue: Int) { self.init(intValue) }
    }

    static func text(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "the value" }
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }
}
