/// Figures of one name, as the node shows them (docs/metrics.md).
public struct MetricFamily: Sendable, Hashable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    /// A figure with the labels that tell it from others of its family.
    public struct Sample: Sendable, Hashable {
        /// Added to the family's name: `_bucket`, `_sum` or `_count` of a histogram.
        public var suffix = ""
        /// Names and values, in the order in which they are written.
        public var labels: [Label]
        public var value: Double

        public init(suffix: String = "", labels: [Label] = [], value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    public struct Label: Sendable, Hashable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public let name: String
    public let kind: Kind
    /// One line.
    public let help: String
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, _ help: String, samples: [Sample] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}
