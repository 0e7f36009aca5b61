/// Why a pattern is refused.
struct PatternError: Error, Sendable, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}
