import Glibc
import Netlink

extension SpoofFilter {
    /// The table with its base chains, without a rule: harmless to what is there.
    static func ensureTable(_ filter: FilterNetlink) throws {
        var transaction = FilterTransaction(.bridge, table: table)
        transaction.createTable()
        // -300: before everything else that may look at a frame (NF_BR_PRI_NAT_DST_BRIDGED).
        transaction.create(FilterChain(prerouting, base: .init(.filter, .prerouting, priority: -300)))
        transaction.create(FilterChain(postrouting, base: .init(.filter, .postrouting, priority: -300)))
        try repeating { try filter.commit(transaction) }
    }

    /// Puts the rules in place in one transaction. Returns false if they were there already.
    func ensure(_ filter: FilterNetlink) throws -> Bool { try Self.repeating { try change(filter) } }

    /// What is to be changed is found in lists; others may have changed them before the change is made, which the kernel then
    /// refuses whole. Looked at and tried again, a few times.
    private static func repeating<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 0..<4 {
            do {
                return try body()
            } catch let error as NetlinkError {
                guard [ENOENT, EBUSY, EAGAIN].contains(error.number) else { throw error }
            }
        }
        return try body()
    }

    private func change(_ filter: FilterNetlink) throws -> Bool {
        let installed = try filter.rules(.bridge, table: Self.table)
        let present = installed.filter { $0.chain == names.incoming || $0.chain == names.outgoing }
        let jumps = installed.filter { $0.comment == names.tap }
        let isComplete =
            jumps.count == 2 && present.count == rules.count
            && rules.allSatisfy { wanted in
                present.contains {
                    $0.chain == wanted.chain && $0.comment == wanted.rule.comment
                        && $0.expressions == wanted.rule.expressions
                }
            }
        guard !isComplete else { return false }
        var transaction = FilterTransaction(.bridge, table: Self.table)
        for jump in jumps { transaction.delete(jump) }
        for chain in [names.incoming, names.outgoing] {
            transaction.create(FilterChain(chain))
            transaction.flushChain(chain)
        }
        for (chain, rule) in rules { transaction.add(rule, to: chain) }
        transaction.add(
            FilterRule(.entering(names.tap), .jump(to: names.incoming), comment: names.tap), to: Self.prerouting)
        transaction.add(
            FilterRule(.leaving(names.tap), .jump(to: names.outgoing), comment: names.tap), to: Self.postrouting)
        try filter.commit(transaction)
        return true
    }

    /// Takes away the rules of a workload in one transaction; what is gone already is no error.
    static func remove(_ names: PublicNames, _ filter: FilterNetlink) throws {
        try repeating { try removeListed(names, filter) }
    }

    private static func removeListed(_ names: PublicNames, _ filter: FilterNetlink) throws {
        let present = Set(try filter.chains(.bridge, table: table))
        var transaction = FilterTransaction(.bridge, table: table)
        for jump in try filter.rules(.bridge, table: table) where jump.comment == names.tap {
            transaction.delete(jump)
        }
        for chain in [names.incoming, names.outgoing] where present.contains(chain) {
            transaction.flushChain(chain)
            transaction.deleteChain(chain)
        }
        try filter.commit(transaction)
    }

    /// What was dropped for a workload, by reason.
    static func drops(_ names: PublicNames, _ filter: FilterNetlink) throws -> [Drops] {
        try filter.rules(.bridge, table: table).compactMap { rule in
            guard rule.chain == names.incoming || rule.chain == names.outgoing, let packets = rule.packets,
                let bytes = rule.bytes
            else { return nil }
            return Drops(reason: rule.comment ?? "", packets: packets, bytes: bytes)
        }
    }
}
