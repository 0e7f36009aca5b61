import JSON

/// A decimal number of any size, compared exactly: `0.digits × 10^point`.
struct ExactNumber: Sendable, Hashable {
    /// Exponents beyond this are taken for this. No two numbers that anybody can mean differ only there.
    private static let greatestExponent = 1 << 60

    let isNegative: Bool
    /// 0…9 each, no zero at either end; none for the number zero.
    let digits: [UInt8]
    let point: Int

    init(_ number: JSONNumber) {
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var isNegative = false
        var exponentIsNegative = false
        var inFraction = false
        var inExponent = false
        for byte in number.text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): if inExponent { exponentIsNegative = true } else { isNegative = true }
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): inExponent = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = byte - UInt8(ascii: "0")
                if inExponent {
                    exponent = min(exponent * 10 + Int(digit), Self.greatestExponent / 100)
                } else if digit == 0, digits.isEmpty {
                    point -= inFraction ? 1 : 0
                } else {
                    digits.append(digit)
                    point += inFraction ? 0 : 1
                }
            default: break
            }
        }
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        self.isNegative = isNegative && !digits.isEmpty
        self.point = digits.isEmpty ? 0 : point + (exponentIsNegative ? -exponent : exponent)
    }

    var isInteger: Bool { digits.count <= point || digits.isEmpty }

    /// The number as a count; nil if it is negative, a fraction or greater than any array.
    var count: Int? {
        guard isInteger, !isNegative, point <= 18 else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1) }
        return (digits.count..<max(digits.count, point)).reduce(value) { value, _ in value * 10 }
    }

    /// The digits as one integer, if they are at most eighteen.
    var significand: UInt64? { digits.count <= 18 ? digits.reduce(0) { $0 * 10 + UInt64($1) } : nil }

    /// Whether this is a whole multiple of `divisor`, whose significand must be `significand` and not zero.
    func isMultiple(of divisor: ExactNumber, significand: UInt64) -> Bool {
        guard !digits.isEmpty else { return true }
        // a × 10^shift must be divisible by the divisor's digits; `a` itself does not end in a zero.
        let (shift, overflow) = (point - digits.count).subtractingReportingOverflow(
            divisor.point - divisor.digits.count)
        guard !overflow, shift >= 0 else { return false }
        let modulus = UInt128(significand)
        var rest = digits.reduce(UInt128(0)) { ($0 * 10 + UInt128($1)) % modulus }
        var power = UInt128(10) % modulus
        var remaining = shift
        while remaining > 0 {
            if remaining & 1 == 1 { rest = rest * power % modulus }
            power = power * power % modulus
            remaining >>= 1
        }
        return rest == 0
    }
}

extension ExactNumber: Comparable {
    static func < (left: ExactNumber, right: ExactNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    /// Compares without sign.
    private func isSmaller(than other: ExactNumber) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        if point != other.point { return point < other.point }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
