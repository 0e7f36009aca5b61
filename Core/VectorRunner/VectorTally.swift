import JSON

/// Counts outcomes while a file is run.
struct VectorTally {
    private(set) var report: VectorReport

    init(_ format: VectorFormat) { report = VectorReport(format) }

    mutating func check(_ id: String, _ check: String, expected: String?, got: String?) {
        let isEqual =
            switch (expected, got) {
            case (let expected?, let got?): expected.utf8.elementsEqual(got.utf8)
            case (nil, nil): true
            default: false
            }
        if isEqual {
            report.passed += 1
        } else {
            report.failures.append(
                VectorReport.Failure(id: id, check: check, expected: Self.short(expected), got: Self.short(got)))
        }
    }

    mutating func check(_ id: String, _ check: String, expected: Bool, got: Bool) {
        self.check(id, check, expected: String(expected), got: String(got))
    }

    /// Compares outcomes; where the file allows a refusal, a refusal is right as well.
    mutating func check(_ id: String, _ check: String, expected: Outcome, got: Outcome, mayRefuse: Bool = false) {
        let isAllowed = mayRefuse && !got.isOK
        self.check(id, check, expected: (isAllowed ? got : expected).text, got: got.text)
    }

    mutating func fail(_ id: String, _ check: String, _ error: any Error) {
        self.check(id, check, expected: "to run", got: String(describing: error))
    }

    mutating func skip(_ kind: String, because reason: String) {
        if let index = report.notApplicable.firstIndex(where: { $0.kind == kind && $0.reason == reason }) {
            report.notApplicable[index].count += 1
        } else {
            report.notApplicable.append(VectorReport.NotApplicable(kind: kind, reason: reason, count: 1))
        }
    }

    private static func short(_ text: String?) -> String {
        guard let text else { return "nothing" }
        return text.count <= 300 ? text : text.prefix(300) + "… (\(text.utf8.count) bytes)"
    }
}

/// Right, or refused with a class.
enum Outcome: Sendable, Hashable {
    case ok
    case refused(String)

    /// Reads `{"ok": …, "class": …}`. Where the reference crashes, an error is the right answer.
    init(_ json: JSONValue?) {
        if json?["ok"]?.boolValue == true {
            self = .ok
        } else {
            let name = json?["class"]?.stringValue ?? "without class"
            self = .refused(name == "upstream-panic" ? "data-decode" : name)
        }
    }

    var isOK: Bool { self == .ok }
    var text: String {
        switch self {
        case .ok: "ok"
        case .refused(let name): "refused as \(name)"
        }
    }
}
