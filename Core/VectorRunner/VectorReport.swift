/// What running one vector file showed.
public struct VectorReport: Sendable {
    /// A check whose outcome was another than the file says.
    public struct Failure: Sendable, Hashable {
        /// The case's id in the file.
        public let id: String
        public let check: String
        public let expected: String
        public let got: String
    }

    /// Checks of one kind that cannot be made here, and why.
    public struct NotApplicable: Sendable, Hashable {
        public let kind: String
        public let reason: String
        public var count: Int
    }

    /// The format that the content was recognised as.
    public let format: VectorFormat
    public internal(set) var passed = 0
    public internal(set) var failures: [Failure] = []
    public internal(set) var notApplicable: [NotApplicable] = []

    init(_ format: VectorFormat) { self.format = format }

    public var failed: Int { failures.count }
    public var notApplicableCount: Int { notApplicable.reduce(0) { $0 + $1.count } }
    /// `N passed, M failed, K not applicable`.
    public var summary: String { "\(passed) passed, \(failed) failed, \(notApplicableCount) not applicable" }

    /// The reasons and the failures, one a line.
    public var details: [String] {
        notApplicable.map { "\($0.count) not applicable: \($0.kind): \($0.reason)" }
            + failures.map { "failed: \($0.id): \($0.check): expected \($0.expected), got \($0.got)" }
    }
}
