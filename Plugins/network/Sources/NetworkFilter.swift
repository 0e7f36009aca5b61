import Netlink

/// The rules inside a network's namespace: nothing comes in by the way out unless it was asked for; between bridge and
/// tunnel traffic is free (docs/spec/workloads.md section 3.1, step 7).
enum NetworkFilter {
    static let table = "zos"

    private static let chains = [
        FilterChain("input", base: .init(.filter, .input, priority: 0)),
        FilterChain("forward", base: .init(.filter, .forward, priority: 0)),
        FilterChain("nat", base: .init(.nat, .postrouting, priority: 100)),
    ]

    private static let rules: [(chain: String, rule: FilterRule)] = {
        let exit = NetworkPlan.exit
        var rules: [(String, FilterRule)] = []
        for chain in ["input", "forward"] {
            rules += [
                (chain, FilterRule(.entering(exit), .state([.established, .related]), .accept, comment: "answers")),
                (chain, FilterRule(.entering(exit), .state(.invalid), .counter, .drop, comment: "invalid")),
            ]
            if chain == "input" {
                rules.append((chain, FilterRule(.entering(exit), .transport(.icmpv6), .accept, comment: "icmpv6")))
            }
            rules.append((chain, FilterRule(.entering(exit), .counter, .drop, comment: "unasked")))
        }
        return rules + [("nat", FilterRule(.leaving(exit), .masquerade, comment: "way out"))]
    }()

    /// Puts the rules in place in one transaction. Returns false if they were there already.
    static func ensure(_ filter: FilterNetlink) throws -> Bool {
        let present = try filter.rules(.inet, table: table)
        let isComplete =
            present.count == rules.count
            && zip(present, rules).allSatisfy { present, wanted in
                present.chain == wanted.chain && present.comment == wanted.rule.comment
                    && present.expressions == wanted.rule.expressions
            }
        guard !isComplete else { return false }
        var transaction = FilterTransaction(.inet, table: table)
        transaction.resetTable()
        for chain in chains { transaction.create(chain) }
        for (chain, rule) in rules { transaction.add(rule, to: chain) }
        try filter.commit(transaction)
        return true
    }
}
