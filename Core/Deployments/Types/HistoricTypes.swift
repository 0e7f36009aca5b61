import JSON

/// The closed table of historic types, which node and client both carry as data: `historic-types.json`.
public enum HistoricTypes {
    /// In the order of installing.
    public static let all: [HistoricType] = {
        do {
            return try load(PackageResources.historic_types_json)
        } catch {
            preconditionFailure("unreachable: historic-types.json is broken: \(error)")
        }
    }()

    private static let byName: [[UInt8]: HistoricType] = Dictionary(
        uniqueKeysWithValues: all.map { (Array($0.name.utf8), $0) })

    /// The type of exactly that name.
    public static func type(named name: String) -> HistoricType? { byName[Array(name.utf8)] }
    public static func contains(_ name: String) -> Bool { type(named: name) != nil }
    /// The rule of a historic type; nil for every other, whose rule is `ChallengeRule.canonical`.
    public static func rule(for name: String) -> ChallengeRule? { type(named: name)?.rule }
    /// Place in the order of installing: from 1 for historic types, all others after them.
    public static func order(of name: String) -> Int { type(named: name)?.order ?? all.count + 1 }

    static func load(_ text: [UInt8]) throws -> [HistoricType] {
        let table = try JSONValue(parsing: text)
        var types: [HistoricType] = []
        for (index, entry) in (table["types"]?.arrayValue ?? []).enumerated() {
            guard let name = entry["name"]?.stringValue, let sharable = entry["sharable"]?.boolValue,
                let updatable = entry["updatable"]?.boolValue, let pausable = entry["pausable"]?.boolValue,
                let rule = entry["rule"]
            else { throw DeploymentError(.json, "entry \(index) of the table lacks a member") }
            types.append(
                HistoricType(
                    name: name, order: index + 1, isSharable: sharable, isUpdatable: updatable, isPausable: pausable,
                    largestFirst: entry["largest_first"]?.stringValue, rule: try ChallengeRule(rule)))
        }
        return types
    }
}
