import Contracts
import Substrate

extension PublicConfig: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "PublicConfig")
        self.init(
            ip4: try Address(try field("ip4")), ip6: try field("ip6").mappedOptional(),
            domain: try field("domain").optionalText())
    }

    public var tree: ScaleValue {
        .record(["ip4": ip4.tree, "ip6": ScaleValue(ip6), "domain": ScaleValue(domain)])
    }
}

extension PublicConfig.Address: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "IP")
        self.init(ip: try field("ip").displayText(), gateway: try field("gw").displayText())
    }

    public var tree: ScaleValue { .record(["ip": .utf8(ip), "gw": .utf8(gateway)]) }
}
