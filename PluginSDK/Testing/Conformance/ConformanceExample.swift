import JSON

/// A deployment that works, with what is known about changes to it: written by the plugin's author in `docs/conformance.json`.
///
/// Texts may contain `${n}`, a number from 1 that is another one for each deployment that exists at the same time (up to 99), and names that the
/// caller gives, such as `${root}`. A text that is nothing but `${n+3000}` becomes the number 3000 + n.
public struct ConformanceExample: Sendable {
    /// Other data for one workload of the deployment.
    public struct Change: Sendable {
        public let workload: String
        public let data: JSONValue
    }

    public let name: String
    public let workloads: [JSONValue]
    /// Done in place, one after the other.
    public let updates: [Change]
    /// Accepted by the node and refused by the plugin, which leaves the workload as it was.
    public let unchanged: [Change]
    /// Refused when it is deployed, or ended in `error` with a text.
    public let invalid: [Change]
    /// How many of it may exist at a time.
    public let parallel: Int

    private static let members = ["name", "workloads", "updates", "unchanged", "invalid", "parallel"]
    private static let maxParallel = 16

    /// A deployment about which nothing else is known.
    public init(name: String, workloads: [JSONValue]) {
        self.name = name
        self.workloads = workloads
        (updates, unchanged, invalid, parallel) = ([], [], [], 1)
    }

    /// Reads `{"conformance": 1, "examples": [ … ]}`.
    public static func list(_ document: JSONValue) throws(ConformanceFailure) -> [ConformanceExample] {
        guard document["conformance"]?.uint64Value == 1, let items = document["examples"]?.arrayValue, !items.isEmpty
        else { throw ConformanceFailure("conformance.json has no \"conformance\": 1 or no examples") }
        var examples: [ConformanceExample] = []
        for item in items { examples.append(try ConformanceExample(item)) }
        return examples
    }

    private init(_ value: JSONValue) throws(ConformanceFailure) {
        guard let object = value.objectValue, let name = object["name"]?.stringValue,
            let workloads = object["workloads"]?.arrayValue, !workloads.isEmpty
        else { throw ConformanceFailure("an example of conformance.json has no name or no workloads") }
        for key in object.keys where !Self.members.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
            throw ConformanceFailure(
                "the example '\(name)' has an unknown member '\(key)'; known are \(Self.members.joined(separator: ", "))"
            )
        }
        self.name = name
        self.workloads = workloads
        updates = try Self.changes("updates", of: name, object, workloads)
        unchanged = try Self.changes("unchanged", of: name, object, workloads)
        invalid = try Self.changes("invalid", of: name, object, workloads)
        parallel = min(max(object["parallel"]?.intValue ?? 1, 1), Self.maxParallel)
    }

    private static func changes(
        _ member: String, of example: String, _ object: JSONObject, _ workloads: [JSONValue]
    ) throws(ConformanceFailure) -> [Change] {
        var changes: [Change] = []
        for item in object[member]?.arrayValue ?? [] {
            guard let name = item["workload"]?.stringValue, let data = item["data"],
                workloads.contains(where: { $0["name"] == .string(name) })
            else {
                throw ConformanceFailure(
                    "\(member) of the example '\(example)' name no workload of it, or have no data")
            }
            changes.append(Change(workload: name, data: data))
        }
        return changes
    }

    /// The name that a change's workload has in deployment number `n`.
    func name(of change: Change, _ n: Int) -> String {
        Placeholders(n: n, values: [:]).filled(.string(change.workload)).stringValue ?? change.workload
    }

    /// The workloads for deployment number `n`, one of them changed.
    func workloads(_ n: Int, values: [String: String], with change: Change? = nil) -> [JSONValue] {
        workloads.map { workload in
            guard var object = workload.objectValue else { return workload }
            if let change, object["name"] == .string(change.workload) { object["data"] = change.data }
            return Placeholders(n: n, values: values).filled(.object(object))
        }
    }
}
