/// A rule: terms that are gone through in order until one does not hold.
public struct FilterRule: Sendable, Hashable {
    public let terms: [FilterTerm]
    /// At most 128 bytes, shown by `nft`, and by which the rule can be found again.
    public let comment: String?

    public init(_ terms: FilterTerm..., comment: String? = nil) {
        self.init(terms, comment: comment)
    }

    public init(_ terms: [FilterTerm], comment: String? = nil) {
        self.terms = terms
        self.comment = comment
    }

    /// Names of its expressions in order, as `InstalledRule.expressions` has them.
    public var expressions: [String] { terms.flatMap { $0.expressions.map(\.name) } }

    func encode(into writer: inout NetlinkWriter) {
        writer.nest(4) { list in
            for expression in terms.flatMap(\.expressions) {
                list.nest(1) {
                    $0.attribute(1, text: expression.name)
                    $0.nest(2) { $0.append(aligned: expression.attributes) }
                }
            }
        }
        guard let comment else { return }
        let text = Array(comment.utf8.prefix(128)) + [0]
        writer.attribute(7, [0, UInt8(text.count)] + text)
    }
}
