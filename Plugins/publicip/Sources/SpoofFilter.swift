import Addresses
import Netlink

/// The rules for one address on the bridge: nothing enters from the machine under another name, and nothing of others
/// reaches it (docs/spec/workloads.md section 5.2).
struct SpoofFilter: Sendable {
    static let table = "filter"
    static let prerouting = "prerouting"
    static let postrouting = "postrouting"

    let names: PublicNames
    let v4: IPv4Address?
    let v6: IPv6Address?

    /// A rule says in its comment what it does and for which address, so that a rule for an older one is recognised.
    typealias Rule = (chain: String, rule: FilterRule)

    var rules: [Rule] {
        fromMachine.map { (names.incoming, $0) } + toMachine.map { (names.outgoing, $0) }
    }

    private var fromMachine: [FilterRule] {
        let mac = names.mac.bytes
        var rules = [FilterRule(.hardwareSource(mac, isEqual: false), .counter, .drop, comment: "foreign MAC")]
        // Without an address of its own a machine may ask for one.
        let own = v4 ?? .unspecified
        rules.append(
            FilterRule(.carries(.ipv4), .source(in: Self.host(.v4(own))), .accept, comment: "own IPv4 \(own)"))
        rules.append(FilterRule(.carries(.ipv4), .counter, .drop, comment: "spoofed IPv4"))
        if let v4 {
            rules.append(
                FilterRule(
                    .carries(.arp), .bytes(mac, at: 8, of: .network), .bytes(v4.bytes, at: 14, of: .network), .accept,
                    comment: "own ARP \(v4)"))
        }
        rules.append(FilterRule(.carries(.arp), .counter, .drop, comment: "spoofed ARP"))
        return rules + sixFromMachine + [FilterRule(.counter, .drop, comment: "other protocol")]
    }

    private var sixFromMachine: [FilterRule] {
        var rules: [FilterRule] = []
        for (type, name) in [(UInt8(134), "router advertisement"), (137, "redirect")] {
            rules.append(
                FilterRule(
                    .carries(.ipv6), .transport(.icmpv6), .bytes([type], at: 0, of: .transport), .counter, .drop,
                    comment: name))
        }
        // A neighbour advertisement claims the address in its body, whatever its sender's address is.
        let advertises: [FilterTerm] = [
            .carries(.ipv6), .transport(.icmpv6), .bytes([136], at: 0, of: .transport),
        ]
        let linkLocal = InterfaceAddress(.v6(IPv6Address(high: 0xfe80 << 48, low: 0)), prefix: 64)
        func claims(_ address: InterfaceAddress) -> FilterTerm {
            let size = Int(address.prefix) / 8
            return .bytes(Array(address.bytes.prefix(size)), at: 8, of: .transport)
        }
        let own = [linkLocal] + (v6.map { [Self.host(.v6($0))] } ?? [])
        let unspecified = Self.host(.v6(.unspecified))
        for address in own {
            let name = address.range?.text ?? ""
            rules.append(
                FilterRule(advertises + [.source(in: address), claims(address), .accept], comment: "own claim \(name)"))
        }
        for address in own where address.prefix == 128 {
            let name = address.range?.text ?? ""
            rules.append(
                FilterRule(
                    advertises + [.source(in: linkLocal), claims(address), .accept], comment: "own claim of \(name)"))
        }
        rules.append(FilterRule(advertises + [.counter, .drop], comment: "spoofed neighbour"))
        for address in [unspecified] + own {
            let name = address.range?.text ?? ""
            rules.append(FilterRule(.carries(.ipv6), .source(in: address), .accept, comment: "own IPv6 \(name)"))
        }
        return rules + [FilterRule(.carries(.ipv6), .counter, .drop, comment: "spoofed IPv6")]
    }

    private var toMachine: [FilterRule] {
        var rules: [FilterRule] = []
        if let v4 {
            rules.append(
                FilterRule(
                    .carries(.ipv4), .destination(in: Self.host(.v4(v4))), .hardwareDestination(names.mac.bytes),
                    .accept,
                    comment: "to IPv4 \(v4)"))
        }
        return rules + [FilterRule(.carries(.ipv4), .counter, .drop, comment: "IPv4 for others")]
    }

    private static func host(_ address: IPAddress) -> InterfaceAddress {
        InterfaceAddress(address, prefix: address.bitWidth)
    }
}
