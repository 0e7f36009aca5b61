import JSON

extension ChallengeRule {
    /// Loads a rule. Throws the classes of docs/spec/challenge-rules.md section 6, `rule-limit` to `rule-order`.
    public init(parsing text: [UInt8]) throws(DeploymentError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(
                parsing: text, mode: .strict,
                limits: JSONLimits(maxBytes: Self.maximumText, maxDepth: JSONLimits.deepest))
        } catch {
            throw DeploymentError(error.code == .limit ? .ruleLimit : .ruleJSON, "rule: \(error.description)")
        }
        try self.init(value)
    }

    /// Loads a rule that is a member of a larger text, which was read strictly.
    public init(_ value: JSONValue) throws(DeploymentError) {
        guard value.text.utf8.count <= Self.maximumText else {
            throw DeploymentError(.ruleLimit, "rule: longer than \(Self.maximumText) bytes")
        }
        var parser = RuleParser()
        let form = try parser.rule(value)
        do throws(JSONError) {
            self.init(form: form, canonicalText: try value.canonicalText())
        } catch {
            throw DeploymentError(.ruleJSON, "rule: \(error.description)")
        }
    }

    /// The rule that a package may declare for a type, as a whole check of section 6.
    ///
    /// - Parameter declared: the text of the declaration; nil if the package states none.
    public static func forPackage(type: String, declared: [UInt8]?) throws(DeploymentError) -> ChallengeRule {
        try checkTypeName(type)
        let declared = try declared.map { text throws(DeploymentError) in try ChallengeRule(parsing: text) }
        let own = HistoricTypes.rule(for: type) ?? .canonical
        guard let declared else { return own }
        guard declared == own else {
            let wanted = own.isCanonical ? "canonical-1" : "exactly the table's rule"
            throw DeploymentError(.ruleReserved, "type \(type): its rule can only be \(wanted), or be left out")
        }
        return own
    }

    /// The name of a type that a package may declare: `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 64 bytes.
    public static func checkTypeName(_ name: String) throws(DeploymentError) {
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isPlain = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { letters.contains($0) || digits.contains($0) } }
        guard name.utf8.count <= 64, isPlain, let first = name.utf8.first, letters.contains(first) else {
            throw DeploymentError(
                .typeName, "a type's name is at most 64 lower-case letters and digits in words joined by single hyphens"
            )
        }
    }
}
