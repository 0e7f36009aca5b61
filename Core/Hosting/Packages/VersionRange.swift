/// Versions that an operator accepts: comparisons that must all hold, such as `>=1.2.0 <2.0.0`, or one exact version.
public struct VersionRange: Sendable, Hashable, CustomStringConvertible {
    private enum Comparison: String, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
        case exactly = "="
    }
    private struct Bound: Sendable, Hashable {
        let comparison: Comparison
        let version: SemanticVersion
    }

    public let text: String
    private let bounds: [Bound]

    /// - Throws: `badManifest`.
    public init(parsing text: String) throws(HostingError) {
        var bounds: [Bound] = []
        for part in text.split(separator: " ") {
            let comparison = Comparison.allCases.first { part.hasPrefix($0.rawValue) }
            let version = part.dropFirst(comparison?.rawValue.count ?? 0)
            bounds.append(
                Bound(
                    comparison: comparison ?? .exactly, version: try SemanticVersion(parsing: String(version))))
        }
        guard !bounds.isEmpty else {
            throw HostingError(.badManifest, "a range of versions has to be comparisons such as \">=1.2.0 <2.0.0\"")
        }
        self.bounds = bounds
        self.text = text
    }

    public func contains(_ version: SemanticVersion) -> Bool {
        bounds.allSatisfy { bound in
            switch bound.comparison {
            case .atLeast: version >= bound.version
            case .atMost: version <= bound.version
            case .above: version > bound.version
            case .below: version < bound.version
            case .exactly: version == bound.version
            }
        }
    }

    public var description: String { text }
}
