extension JSONValue {
    /// The canonical text of RFC 8785, with the bounds on numbers of docs/spec/challenge-rules.md section 4.
    ///
    /// Fails with `number` for an integer outside ±(2^53−1) and for a number that no finite double is near to, with
    /// `repeatedMember` for an object with two members of one name.
    public func canonicalText() throws(JSONError) -> String {
        var writer = JSONWriter()
        try writer.writeCanonical(self)
        return writer.text
    }
}

extension JSONWriter {
    fileprivate mutating func writeCanonical(_ value: JSONValue) throws(JSONError) {
        switch value {
        case .null, .bool: write(value)
        case .number(let number): raw(try number.canonicalText())
        case .string(let text): string(text, .minimal)
        case .array(let values):
            try list(values, "[", "]") { (writer, value) throws(JSONError) in try writer.writeCanonical(value) }
        case .object(let object):
            let members = object.members.sorted { Self.precedes($0.key, $1.key) }
            for (left, right) in zip(members, members.dropFirst()) where left.key.utf8.elementsEqual(right.key.utf8) {
                throw JSONError(.repeatedMember, "a member name occurs twice in one object")
            }
            try list(members, "{", "}") { (writer, member) throws(JSONError) in
                writer.string(member.key, .minimal)
                writer.raw(":")
                try writer.writeCanonical(member.value)
            }
        }
    }

    /// The order of the UTF-16 units of two texts, found from their UTF-8: the two orders differ only where a
    /// character above U+FFFF (first byte from F0) meets one from U+E000 on (EE, EF).
    private static func precedes(_ left: String, _ right: String) -> Bool {
        var others = right.utf8.makeIterator()
        for byte in left.utf8 {
            guard let other = others.next() else { return false }
            if byte == other { continue }
            if min(byte, other) >= 0xEE, (byte >= 0xF0) != (other >= 0xF0) { return byte >= 0xF0 }
            return byte < other
        }
        return others.next() != nil
    }
}

extension JSONNumber {
    /// The greatest integer of which a double also tells its neighbours apart.
    public static let greatestExactInteger: UInt64 = (1 << 53) - 1

    /// The text that ECMAScript writes for the nearest double, as RFC 8785 wants.
    func canonicalText() throws(JSONError) -> String {
        if isInteger {
            guard let value = Int64(text), value.magnitude <= Self.greatestExactInteger else {
                throw JSONError(.number, "an integer outside of ±(2^53-1) has no canonical form; send it as a string")
            }
            return String(value)
        }
        guard let double else { throw JSONError(.number, "a number is greater than any double") }
        return Self.text(of: double)
    }

    /// A number that is written as ECMAScript does. `double` must be finite.
    public init(_ double: Double) {
        precondition(double.isFinite, "JSON has no infinity and no NaN")
        self.init(uncheckedText: Self.text(of: double))
    }

    /// ECMA-262 Number::toString, from the shortest digits that Swift's own description finds.
    private static func text(of double: Double) -> String {
        guard double != 0 else { return "0" }
        let sign = double < 0 ? "-" : ""
        let (digits, point) = decimal(of: double.magnitude)
        let count = digits.utf8.count
        if count <= point, point <= 21 { return sign + digits + String(repeating: "0", count: point - count) }
        if 0 < point, point <= 21 { return sign + digits.prefix(point) + "." + digits.dropFirst(point) }
        if -6 < point, point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        let exponent = point - 1
        let fraction = count == 1 ? "" : "." + digits.dropFirst()
        return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
    }

    /// The value as `0.digits × 10^point`, digits without zeros at either end.
    private static func decimal(of magnitude: Double) -> (digits: String, point: Int) {
        let parts = magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = mantissa[0] + fraction
        let leading = all.prefix { $0 == "0" }.count
        let trailing = all.reversed().prefix { $0 == "0" }.count
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (String(all.dropFirst(leading).dropLast(trailing)), mantissa[0].count + exponent - leading)
    }
}
