/// How much is tried, and how long is waited.
public struct ConformanceSettings: Sendable {
    /// Points per operation at which worker and core are killed, spread evenly; nil for every point.
    public var points: Int?
    /// For one operation, on a busy machine.
    public var patience: Duration = .seconds(60)
    /// Patterns of ids, `*` for any text; empty for all.
    public var cases: [String] = []
    /// For `${name}` in examples.
    public var values: [String: String] = [:]

    public init() {}

    func includes(_ id: String) -> Bool {
        cases.isEmpty || cases.contains { Self.matches(Array($0.utf8)[...], Array(id.utf8)[...]) }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
        }
        return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
    }
}
