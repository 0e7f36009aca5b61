import JSON

/// One ratio with the figures that it was made of.
struct Measurement: Sendable {
    struct Figure: Sendable {
        let name: String
        let value: Double
        let unit: String

        init(_ name: String, _ value: Double, _ unit: String) {
            self.name = name
            self.value = value
            self.unit = unit
        }
    }

    enum Aim: Sendable {
        case atMost(Double)
        case atLeast(Double)
    }

    let name: String
    /// What is divided by what.
    let meaning: String
    let ratio: Double
    let aim: Aim
    var figures: [Figure] = []

    var isMet: Bool {
        switch aim {
        case .atMost(let limit): ratio <= limit
        case .atLeast(let limit): ratio >= limit
        }
    }

    var json: JSONValue {
        let (kind, limit) =
            switch aim {
            case .atMost(let limit): ("at_most", limit)
            case .atLeast(let limit): ("at_least", limit)
            }
        return [
            "name": .string(name), "meaning": .string(meaning), "ratio": Self.number(ratio),
            "aim": [kind: Self.number(limit)], "met": .bool(isMet),
            "figures": .array(
                figures.map {
                    ["name": .string($0.name), "value": Self.number($0.value), "unit": .string($0.unit)]
                }),
        ]
    }

    var lines: [String] {
        let (sign, limit) =
            switch aim {
            case .atMost(let limit): ("≤", limit)
            case .atLeast(let limit): ("≥", limit)
            }
        let head =
            Self.left(name, 22) + Self.right(Self.text(ratio), 9) + "   " + Self.left("\(sign) \(Self.text(limit))", 8)
            + Self.left(isMet ? "met" : "missed", 8) + meaning
        return [head]
            + figures.map { "    " + Self.left($0.name, 52) + Self.right(Self.text($0.value), 12) + " \($0.unit)" }
    }

    static let header =
        left("measure", 22) + right("ratio", 9) + "   " + left("aim", 8) + left("", 8) + "what is divided by what"

    /// Three digits behind the point are more than any of these is good for.
    private static func text(_ value: Double) -> String {
        let thousandths = (value * 1000).rounded()
        guard abs(thousandths) < 1e15 else { return "\(value)" }
        let whole = Int64(thousandths)
        let rest = String(1000 + abs(whole % 1000)).dropFirst()
        return "\(whole / 1000).\(rest)"
    }

    private static func number(_ value: Double) -> JSONValue {
        (try? JSONValue(parsing: text(value))) ?? .null  // Not finite: there is no figure.
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
