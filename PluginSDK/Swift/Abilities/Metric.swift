import JSON

/// Figures of one name: one, or one for each combination of labels.
///
///     Metric("disks_count", .gauge, "Disks by state", labels: ["state": ["used", "free"]], [
///         .init(["state": "used"], 3), .init(["state": "free"], 1),
///     ])
public struct Metric: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// Only grows, from 0 at the start of the plugin; its name ends in `_total`.
        case counter
        case gauge
    }

    /// A figure and the labels that tell it from others of the same name.
    public struct Sample: Sendable, Hashable {
        public let labels: [String: String]
        public let value: Double

        public init(_ labels: [String: String] = [:], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// `<noun>_<unit>` of a-z, 0-9 and _; the node puts `node_plugin_<id>_` in front.
    public let name: String
    public let kind: Kind
    /// One line for people.
    public let help: String
    /// The values that each label may have: closed sets, never ids or texts of users.
    public let labels: [String: [String]]
    public let samples: [Sample]

    public init(
        _ name: String, _ kind: Kind, _ help: String, labels: [String: [String]] = [:], _ samples: [Sample]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.samples = samples
    }

    /// The same without labels.
    public init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [Sample([:], value)])
    }

    var json: JSONValue {
        var sets = JSONObject()
        for (label, values) in labels.sorted(by: { $0.key < $1.key }) {
            sets[label] = .array(values.map { .string($0) })
        }
        return [
            "name": .string(name), "kind": .string(kind.rawValue), "help": .string(help), "labels": .object(sets),
            "samples": .array(samples.filter(\.value.isFinite).map(\.json)),
        ]
    }
}

extension Metric.Sample {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        for (label, value) in labels.sorted(by: { $0.key < $1.key }) { object[label] = .string(value) }
        // The description of a finite double is a number of RFC 8259.
        return ["labels": .object(object), "value": .number(JSONNumber(uncheckedText: "\(value)"))]
    }
}
