/// The lists of a deployment that came absent or `null`. Only matters while they are empty: they are written `null`
/// then, and `[]` otherwise (docs/spec/deployment.md section 2.2).
public struct UnsetLists: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let workloads = UnsetLists(rawValue: 1)
    public static let requests = UnsetLists(rawValue: 2)
    public static let signatures = UnsetLists(rawValue: 4)
}
