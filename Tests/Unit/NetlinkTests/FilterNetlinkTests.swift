import Netlink
import Testing

/// Needs root: every test makes network namespaces of its own.
@Suite("FilterNetlink", .serialized)
struct FilterNetlinkTests {
    private func transaction() -> FilterTransaction {
        var transaction = FilterTransaction(.inet, table: "zos")
        transaction.resetTable()
        transaction.create(FilterChain("input", base: .init(.filter, .input, priority: 0)))
        transaction.create(FilterChain("nat", base: .init(.nat, .postrouting, priority: 100)))
        transaction.create(FilterChain("more"))
        transaction.add(FilterRule(.state([.established, .related]), .accept), to: "input")
        transaction.add(FilterRule(.entering("public"), .transport(.icmpv6), .accept), to: "input")
        transaction.add(FilterRule(.entering("public"), .counter, .drop, comment: "from outside"), to: "input")
        transaction.add(FilterRule(.jump(to: "more")), to: "input")
        transaction.add(FilterRule(.leaving("public"), .masquerade), to: "nat")
        return transaction
    }

    @Test("nft reads the rules as they were meant")
    func inet() throws {
        let namespace = try TestNamespace()
        try namespace.filter().commit(transaction())
        let text = try namespace.run(["nft", "list", "ruleset"])
        for line in [
            "type filter hook input priority filter; policy accept;",
            "type nat hook postrouting priority srcnat; policy accept;",
            "ct state established,related accept",
            "iifname \"public\" meta l4proto ipv6-icmp accept",
            "iifname \"public\" counter packets 0 bytes 0 drop comment \"from outside\"",
            "jump more",
            "oifname \"public\" masquerade fully-random",
        ] {
            #expect(text.contains(line), "\(line) in\n\(text)")
        }
    }

    @Test("matches on frames of a bridge read as nft writes them")
    func bridge() throws {
        let namespace = try TestNamespace()
        let mac: [UInt8] = [2, 0, 0, 0, 0, 7]
        let address = try #require(InterfaceAddress(bytes: [198, 51, 100, 20], prefix: 32))
        let local = try #require(InterfaceAddress(bytes: [0xfe, 0x80] + Array(repeating: 0, count: 14), prefix: 64))
        var transaction = FilterTransaction(.bridge, table: "filter")
        transaction.createTable()
        transaction.create(FilterChain("prerouting", base: .init(.filter, .prerouting, priority: -300)))
        transaction.create(FilterChain("r-pre"))
        transaction.add(FilterRule(.entering("p-tap"), .jump(to: "r-pre")), to: "prerouting")
        transaction.add(FilterRule(.hardwareSource(mac, isEqual: false), .counter, .drop), to: "r-pre")
        transaction.add(FilterRule(.carries(.ipv4), .source(in: address), .counter, .accept), to: "r-pre")
        transaction.add(FilterRule(.carries(.arp), .bytes(address.bytes, at: 14, of: .network), .accept), to: "r-pre")
        transaction.add(FilterRule(.carries(.ipv6), .source(in: local), .accept), to: "r-pre")
        transaction.add(FilterRule(.counter, .drop, comment: "spoofed"), to: "r-pre")
        try namespace.filter().commit(transaction)
        let text = try namespace.run(["nft", "list", "ruleset"])
        for line in [
            "ether saddr != 02:00:00:00:00:07 counter", "ip saddr 198.51.100.20 counter",
            "arp saddr ip 198.51.100.20 accept", "ip6 saddr fe80::/64 accept", "iifname \"p-tap\" jump r-pre",
        ] {
            #expect(text.contains(line), "\(line) in\n\(text)")
        }
    }

    @Test("rules come back with chain, comment and counters, and are deleted by handle")
    func list() throws {
        let namespace = try TestNamespace()
        let filter = try namespace.filter()
        #expect(try filter.rules(.inet, table: "zos").isEmpty)
        try filter.commit(transaction())
        let rules = try filter.rules(.inet, table: "zos")
        #expect(rules.map(\.chain) == ["input", "input", "input", "input", "nat"])
        let counted = try #require(rules.first { $0.comment == "from outside" })
        #expect(counted.packets == 0 && counted.bytes == 0)
        #expect(counted.expressions == ["meta", "cmp", "counter", "immediate"])
        #expect(try filter.rules(.inet, table: "zos", chain: "nat").count == 1)
        #expect(Set(try filter.chains(.inet, table: "zos")) == ["input", "nat", "more"])
        #expect(try filter.tables(.inet) == ["zos"])

        var removal = FilterTransaction(.inet, table: "zos")
        removal.delete(counted)
        removal.flushChain("input")
        removal.deleteChain("more")
        try filter.commit(removal)
        #expect(try filter.rules(.inet, table: "zos").map(\.chain) == ["nat"])
        #expect(Set(try filter.chains(.inet, table: "zos")) == ["input", "nat"])

        var end = FilterTransaction(.inet, table: "zos")
        end.deleteTable()
        try filter.commit(end)
        #expect(try filter.tables(.inet).isEmpty)
    }

    @Test("a counter counts what it sees")
    func counters() throws {
        let namespace = try TestNamespace()
        let filter = try namespace.filter()
        var transaction = FilterTransaction(.inet, table: "zos")
        transaction.createTable()
        transaction.create(FilterChain("input", base: .init(.filter, .input, priority: 0)))
        transaction.add(FilterRule(.entering("lo"), .counter, comment: "seen"), to: "input")
        try filter.commit(transaction)
        try namespace.run(["bash", "-c", "echo hello > /dev/udp/127.0.0.1/9"])
        let counted = try #require(try filter.rules(.inet, table: "zos").first)
        // The datagram, and the answer that nobody listens there.
        #expect(counted.packets == 2)
        #expect(counted.bytes ?? 0 > 2 * 28)
    }

    @Test("a transaction with one wrong step changes nothing")
    func atomic() throws {
        let namespace = try TestNamespace()
        let filter = try namespace.filter()
        try filter.commit(transaction())
        let before = try filter.rules(.inet, table: "zos")
        var wrong = FilterTransaction(.inet, table: "zos")
        wrong.flushChain("input")
        wrong.add(FilterRule(.jump(to: "nowhere")), to: "input")
        wrong.add(FilterRule(.accept), to: "input")
        let error = try #require(throws: NetlinkError.self) { try filter.commit(wrong) }
        #expect(error.number == 2)
        #expect(error.attempt == "change the filter table zos")
        #expect(try filter.rules(.inet, table: "zos") == before)
        try filter.commit(transaction())
        #expect(try filter.rules(.inet, table: "zos").count == before.count, "the socket is still of use")
    }
}
