extension IPv6Address {
    /// The form of RFC 5952: lower case, the first longest run of at least two zero groups as `::`, mapped ones dotted.
    public var text: String {
        if let mapped { return "::ffff:" + mapped.text }
        let groups = groups
        let zeros = IPv6Address.longestZeroRun(groups)
        let hex = groups.map { String($0, radix: 16) }
        guard let zeros else { return hex.joined(separator: ":") }
        return hex[..<zeros.lowerBound].joined(separator: ":") + "::"
            + hex[zeros.upperBound...].joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start >= 2, index - start > (best?.count ?? 0) { best = start..<index }
            start = index + 1
        }
        return best
    }

    init?(utf8 text: ArraySlice<UInt8>) {
        var head = [UInt16]()
        var tail: [UInt16]?
        var rest = text
        let colon = UInt8(ascii: ":")
        if rest.starts(with: [colon, colon]) {
            tail = []
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != colon }
            rest = rest[group.endIndex...]
            if group.contains(UInt8(ascii: ".")) {
                guard rest.isEmpty, let dotted = IPv4Address(utf8: group) else { return nil }
                let groups = [UInt16(truncatingIfNeeded: dotted.value >> 16), UInt16(truncatingIfNeeded: dotted.value)]
                if tail == nil { head += groups } else { tail? += groups }
                break
            }
            guard let value = hexGroup(group) else { return nil }
            if tail == nil { head.append(value) } else { tail?.append(value) }
            guard head.count + (tail?.count ?? 0) <= 8 else { return nil }
            if rest.starts(with: [colon, colon]) {
                guard tail == nil else { return nil }
                tail = []
                rest = rest.dropFirst(2)
            } else if !rest.isEmpty {
                rest = rest.dropFirst()
                // A single colon must be followed by a group.
                guard !rest.isEmpty else { return nil }
            }
        }
        guard let tail else {
            self.init(groups: head)
            return
        }
        let missing = 8 - head.count - tail.count
        guard missing >= 1 else { return nil }
        self.init(groups: head + Array(repeating: 0, count: missing) + tail)
    }
}

private func hexGroup(_ digits: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(digits.count) else { return nil }
    var value: UInt16 = 0
    for digit in digits {
        guard let nibble = hexDigit(digit) else { return nil }
        value = value << 4 | UInt16(nibble)
    }
    return value
}

/// The value of one hex digit of either case.
func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
