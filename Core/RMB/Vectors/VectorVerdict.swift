/// How one recorded case of another implementation came out here.
public enum VectorVerdict: Sendable, Equatable {
    case passed
    case failed(String)
    /// Not a matter of this node, or refused on purpose; with the reason.
    case notApplicable(String)

    static let stricter = notApplicable("refused on purpose (docs/spec/rmb-direct.md section 9)")

    static func expect(_ isTrue: Bool, _ complaint: @autoclosure () -> String) -> VectorVerdict {
        isTrue ? .passed : .failed(complaint())
    }
}
