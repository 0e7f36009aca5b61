import JSON

/// Which parts of an array or object some rule has looked at.
struct Evaluated {
    var elements: Set<Int> = []
    var members: Set<Int> = []

    mutating func merge(_ other: Evaluated) {
        elements.formUnion(other.elements)
        members.formUnion(other.members)
    }
}

/// One evaluation of a schema.
struct SchemaEvaluation {
    enum Part {
        case element(Int)
        case member(String)
    }

    /// Evaluation was given up.
    enum Stop: Error {
        case budget, depth
    }

    let schema: Schema
    let limits: SchemaLimits
    private(set) var violations: [SchemaViolation] = []
    private var budget: StepBudget
    private var depth = 0
    /// Greater than zero where a failure is no violation, as inside of `not`.
    private var quiet = 0
    private var path: [Part] = []

    init(schema: Schema, limits: SchemaLimits) {
        (self.schema, self.limits) = (schema, limits)
        budget = StepBudget(limits.steps)
    }

    mutating func run(_ value: JSONValue) -> [SchemaViolation] {
        do {
            _ = try apply(0, to: value)
        } catch {
            let reason =
                error == .budget
                ? "takes more than \(limits.steps) steps to validate" : "leads too deep to validate"
            violations = [SchemaViolation(path: pointer, rule: "limit", message: reason)]
        }
        return violations
    }

    /// Applies a subschema; nil if the value breaks it.
    mutating func apply(_ node: Int, to value: JSONValue) throws(Stop) -> Evaluated? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else { throw .depth }
        var evaluated = Evaluated()
        var isValid = true
        for rule in schema.nodes[node].rules {
            try spend(1)
            let holds =
                switch value {
                case .object(let object): try check(rule, value, object: object, &evaluated)
                case .array(let values): try check(rule, value, array: values, &evaluated)
                default: try checkAny(rule, value, &evaluated)
                }
            isValid = isValid && holds
            if !isValid, quiet > 0 { return nil }
        }
        return isValid ? evaluated : nil
    }

    /// Applies a subschema whose failure is no violation by itself.
    mutating func test(_ node: Int, on value: JSONValue) throws(Stop) -> Evaluated? {
        quiet += 1
        defer { quiet -= 1 }
        return try apply(node, to: value)
    }

    /// Applies a subschema to a part of the value.
    mutating func descend(_ part: Part, _ node: Int, _ value: JSONValue) throws(Stop) -> Bool {
        path.append(part)
        let isValid = try apply(node, to: value) != nil
        path.removeLast()
        return isValid
    }

    mutating func spend(_ steps: Int) throws(Stop) {
        do { try budget.spend(steps) } catch { throw .budget }
    }

    mutating func matches(_ pattern: Pattern, _ text: String) throws(Stop) -> Bool {
        do { return try pattern.matches(text, budget: &budget) } catch { throw .budget }
    }

    /// The normal form of a value, paid for by its size.
    mutating func normalForm(_ value: JSONValue) throws(Stop) -> [UInt8] {
        let form = NormalForm.bytes(of: value)
        try spend(form.count / 16 + 1)
        return form
    }

    /// Records a violation unless `holds`.
    mutating func demand(_ holds: Bool, _ rule: String, _ message: @autoclosure () -> String) -> Bool {
        if !holds, quiet == 0, violations.count < SchemaLimits.violations {
            violations.append(SchemaViolation(path: pointer, rule: rule, message: message()))
        }
        return holds
    }

    private var pointer: String {
        path.map { part in
            switch part {
            case .element(let index): "/\(index)"
            case .member(let name): "/\(JSONPointer.escaped(name))"
            }
        }.joined()
    }
}
