import JSON

/// What became of one case.
public struct ConformanceResult: Sendable {
    public enum Outcome: Sendable, Hashable {
        case passed
        case failed(String)
        case notApplicable(String)
    }

    public let id: String
    /// What a plugin promises.
    public let promise: String
    public let outcome: Outcome
    public let duration: Duration
    /// What was seen on the way, such as figures and advice.
    public let notes: [String]

    public var hasFailed: Bool { if case .failed = outcome { true } else { false } }
}

/// What a plugin's run through the kit came to.
public struct ConformanceReport: Sendable {
    public let plugin: String
    public let version: String
    public let results: [ConformanceResult]

    public var hasPassed: Bool { !results.contains(where: \.hasFailed) }

    func count(_ matches: (ConformanceResult.Outcome) -> Bool) -> Int { results.count { matches($0.outcome) } }

    var failures: Int { results.count(where: \.hasFailed) }
    var skips: Int { count { if case .notApplicable = $0 { true } else { false } } }

    /// For people: every result, and the summary.
    public var text: String { (results.map(\.text) + [summary]).joined(separator: "\n") }

    public var summary: String {
        let passed = results.count - failures - skips
        return "\(plugin) \(version): \(passed) passed, \(failures) failed, \(skips) not applicable, "
            + "\(results.reduce(.zero) { $0 + $1.duration }.tenths) s"
    }

    public var json: JSONValue {
        [
            "plugin": .string(plugin), "version": .string(version), "passed": .bool(hasPassed),
            "cases": .array(results.map(\.json)),
        ]
    }
}

extension ConformanceResult {
    /// A line, a failure's reason and notes below it.
    public var text: String {
        var lines: [String] = []
        switch outcome {
        case .passed: lines.append("ok    \(id)  \(promise) (\(duration.tenths) s)")
        case .failed(let reason):
            lines.append("FAIL  \(id)  \(promise) (\(duration.tenths) s)")
            lines += reason.split(separator: "\n").map { "        \($0)" }
        case .notApplicable(let reason): lines.append("-     \(id)  \(reason)")
        }
        return (lines + notes.map { "        note: \($0)" }).joined(separator: "\n")
    }

    var json: JSONValue {
        let words: (outcome: String, reason: JSONValue) =
            switch outcome {
            case .passed: ("passed", .null)
            case .failed(let reason): ("failed", .string(reason))
            case .notApplicable(let reason): ("not_applicable", .string(reason))
            }
        return [
            "id": .string(id), "promise": .string(promise), "outcome": .string(words.outcome), "reason": words.reason,
            "seconds": .number(JSONNumber(uncheckedText: duration.tenths)),
            "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension Duration {
    /// Seconds with one decimal.
    var tenths: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
