import JSON

extension ManifestObject {
    /// An integer in plain digits within the bounds.
    func integer(_ member: String, in bounds: ClosedRange<UInt64>) throws(HostingError) -> UInt64 {
        guard let value = self[member]?.uint64Value, bounds.contains(value) else {
            throw wrong(member, "an integer from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }

    func integer(_ member: String, in bounds: ClosedRange<UInt64>, default fallback: UInt64) throws(HostingError)
        -> UInt64
    {
        self[member] == nil ? fallback : try integer(member, in: bounds)
    }

    /// A list of different texts.
    func texts(_ member: String) throws(HostingError) -> [String] {
        let values = try array(member)
        let texts = values.compactMap(\.stringValue)
        guard texts.count == values.count, Set(texts.map { Array($0.utf8) }).count == texts.count else {
            throw wrong(member, "a list of texts, each once")
        }
        return texts
    }

    /// A text for people: one line of at most 1,024 bytes without control characters.
    func line(_ member: String) throws(HostingError) -> String {
        let text = try text(member)
        guard !text.isEmpty, text.utf8.count <= 1024,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\u{7F}" })
        else { throw wrong(member, "one line of 1 to 1,024 bytes") }
        return text
    }

    func optionalLine(_ member: String) throws(HostingError) -> String? {
        self[member] == nil ? nil : try line(member)
    }
}
