/// Parses the regular expressions of ECMA-262 (with its `u` flag), without what no linear-time engine can do.
struct PatternParser {
    /// Groups inside each other.
    private static let deepest = 64
    /// The greatest number in a quantifier.
    private static let greatestCount = 1_000
    /// Scalars of a pattern.
    private static let longest = 4_096

    private let scalars: [Unicode.Scalar]
    private var position = 0

    static func parse(_ text: String) throws(PatternError) -> PatternNode {
        var parser = try PatternParser(text)
        let node = try parser.choice(depth: 0)
        guard parser.current == nil else { throw PatternError("')' without '('") }
        return node
    }

    private init(_ text: String) throws(PatternError) {
        scalars = Array(text.unicodeScalars.prefix(Self.longest + 1))
        guard scalars.count <= Self.longest else {
            throw PatternError("longer than \(Self.longest) characters")
        }
    }

    private var current: Unicode.Scalar? { scalar(at: 0) }

    private func scalar(at offset: Int) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    private mutating func next() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = current else { throw PatternError("unexpected end") }
        position += 1
        return scalar
    }

    private mutating func choice(depth: Int) throws(PatternError) -> PatternNode {
        guard depth <= Self.deepest else {
            throw PatternError("groups nested deeper than \(Self.deepest)")
        }
        var branches = [try sequence(depth: depth)]
        while take("|") { branches.append(try sequence(depth: depth)) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence(depth: Int) throws(PatternError) -> PatternNode {
        var terms: [PatternNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            let atom = try atom(depth: depth)
            terms.append(try quantified(atom))
        }
        return terms.isEmpty ? .empty : .sequence(terms)
    }

    private mutating func atom(depth: Int) throws(PatternError) -> PatternNode {
        switch try next() {
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case ".": return .set(ScalarSet.lineEnd.negated)
        case "(": return try group(depth: depth)
        case "[": return .set(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?": throw PatternError("a quantifier without anything to repeat")
        case "{", "}", "]": throw PatternError("'{', '}' and ']' must be escaped")
        case let scalar: return .scalar(scalar.value)
        }
    }

    private mutating func group(depth: Int) throws(PatternError) -> PatternNode {
        if take("?") {
            switch try next() {
            case ":": break
            case "=", "!": throw PatternError("look-ahead is not supported")
            case "<":
                if current == "=" || current == "!" { throw PatternError("look-behind is not supported") }
                while try next() != ">" {}
            default: throw PatternError("unknown kind of group")
            }
        }
        let node = try choice(depth: depth + 1)
        guard take(")") else { throw PatternError("'(' without ')'") }
        return node
    }

    private mutating func quantified(_ atom: PatternNode) throws(PatternError) -> PatternNode {
        let (least, most): (Int, Int?)
        switch current {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{": (least, most) = try counts()
        default: return atom
        }
        position += 1
        if case .assertion = atom { throw PatternError("a quantifier after an assertion") }
        // Lazy or greedy: the same texts match.
        _ = take("?")
        if let scalar = current, "*+?{".unicodeScalars.contains(scalar) {
            throw PatternError("a quantifier without anything to repeat")
        }
        return .repetition(atom, least: least, most: most)
    }

    /// `{n}`, `{n,}`, `{n,m}`; leaves `position` at the closing brace.
    private mutating func counts() throws(PatternError) -> (Int, Int?) {
        position += 1
        let least = try count()
        var most: Int? = least
        if take(",") { most = current == "}" ? nil : try count() }
        guard current == "}" else { throw PatternError("a quantifier without '}'") }
        if let most, most < least {
            throw PatternError("a quantifier whose bounds are in the wrong order")
        }
        return (least, most)
    }

    private mutating func count() throws(PatternError) -> Int {
        var value: Int?
        while let scalar = current, ("0"..."9").contains(scalar) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            guard value ?? 0 <= Self.greatestCount else {
                throw PatternError("a quantifier greater than \(Self.greatestCount)")
            }
            position += 1
        }
        guard let value else { throw PatternError("a quantifier without a number") }
        return value
    }
}

extension PatternParser {
    /// What follows a backslash outside of a class.
    private mutating func escape() throws(PatternError) -> PatternNode {
        switch current {
        case "b":
            position += 1
            return .assertion(.wordBoundary)
        case "B":
            position += 1
            return .assertion(.noWordBoundary)
        case "k": throw PatternError("back-references are not supported")
        case let scalar? where ("1"..."9").contains(scalar):
            throw PatternError("back-references are not supported")
        default: break
        }
        if let set = try setEscape() { return .set(set) }
        return .scalar(try scalarEscape(inClass: false))
    }

    /// `\d` and friends; nil if it is not one of them.
    private mutating func setEscape() throws(PatternError) -> ScalarSet? {
        let set: ScalarSet
        switch current {
        case "d": set = .digit
        case "D": set = ScalarSet.digit.negated
        case "w": set = .word
        case "W": set = ScalarSet.word.negated
        case "s": set = .space
        case "S": set = ScalarSet.space.negated
        case "p", "P": return try propertyEscape()
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func propertyEscape() throws(PatternError) -> ScalarSet {
        let isNegated = try next() == "P"
        guard take("{") else { throw PatternError("\\p without '{'") }
        var name = ""
        while let scalar = current, scalar != "}" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}") else { throw PatternError("\\p without '}'") }
        guard let set = ScalarSet(property: name) else {
            throw PatternError("\\p of an unsupported property")
        }
        return isNegated ? set.negated : set
    }

    private mutating func scalarEscape(inClass: Bool) throws(PatternError) -> UInt32 {
        let scalar = try next()
        switch scalar {
        case "t": return 0x09
        case "n": return 0x0A
        case "v": return 0x0B
        case "f": return 0x0C
        case "r": return 0x0D
        case "b" where inClass: return 0x08
        case "-" where inClass: return scalar.value
        case "0":
            if let digit = current, ("0"..."9").contains(digit) {
                throw PatternError("octal escapes are not supported")
            }
            return 0
        case "c":
            let letter = try next()
            guard letter.isASCII, letter.properties.isAlphabetic else {
                throw PatternError("\\c without a letter")
            }
            return letter.value & 0x1F
        case "x": return try hex(digits: 2)
        case "u": return try unicodeEscape()
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/":
            return scalar.value
        default: throw PatternError("an escape that ECMA-262 does not have")
        }
    }

    private mutating func hex(digits: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = Character(try next()).hexDigitValue else {
                throw PatternError("expected a hex digit")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func unicodeEscape() throws(PatternError) -> UInt32 {
        if take("{") {
            var value: UInt32 = 0
            repeat {
                value = value << 4 | (try hex(digits: 1))
                guard value <= 0x10FFFF else { throw PatternError("\\u{} beyond Unicode") }
            } while !take("}")
            return value
        }
        let unit = try hex(digits: 4)
        guard 0xD800..<0xDC00 ~= unit, current == "\\", scalar(at: 1) == "u" else { return unit }
        position += 2
        let low = try hex(digits: 4)
        guard 0xDC00..<0xE000 ~= low else { throw PatternError("an unpaired surrogate") }
        return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
    }

    /// After `[`, to after `]`.
    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        var set = ScalarSet()
        set.isNegated = take("^")
        while !take("]") {
            guard let low = try classAtom(into: &set) else { continue }
            guard current == "-", let following = scalar(at: 1), following != "]" else {
                set.ranges.append(low...low)
                continue
            }
            position += 1
            guard let high = try classAtom(into: &set), low <= high else {
                throw PatternError("a range in a class whose ends are in the wrong order")
            }
            set.ranges.append(low...high)
        }
        return set
    }

    /// One character of a class, or nil after a set such as `\d`, which is added.
    private mutating func classAtom(into set: inout ScalarSet) throws(PatternError) -> UInt32? {
        guard take("\\") else { return try next().value }
        if let nested = try setEscape() {
            set.nested.append(nested)
            return nil
        }
        return try scalarEscape(inClass: true)
    }
}
