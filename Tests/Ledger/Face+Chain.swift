import TestLedger

extension Face {
    /// What the shared suite runs over.
    static let all = local
}
