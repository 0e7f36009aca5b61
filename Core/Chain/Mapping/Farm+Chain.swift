import Contracts
import Substrate

extension Farm: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Farm")
        self.init(
            id: try field("id").integer(), name: try field("name").displayText(), twin: try field("twin_id").integer(),
            publicIPs: try field("public_ips").mapped())
        if let number = field["version"] { version = try number.integer() }
        pricingPolicy = try field("pricing_policy_id").integer()
        certification = Certification(rawValue: try field("certification").chosen().name)
        isDedicated = try field("dedicated_farm").boolean()
    }

    public var tree: ScaleValue {
        .record([
            "version": .number(version), "id": .number(id), "name": .utf8(name), "twin_id": .number(twin),
            "pricing_policy_id": .number(pricingPolicy), "certification": .variant(certification.rawValue),
            "public_ips": ScaleValue(publicIPs), "dedicated_farm": .bool(isDedicated),
            "farming_policy_limits": .none,
        ])
    }
}

extension PublicIP: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "PublicIP")
        self.init(
            ip: try field("ip").displayText(), gateway: try field("gateway").displayText(),
            contract: try field("contract_id").integer())
    }

    public var tree: ScaleValue {
        .record(["ip": .utf8(ip), "gateway": .utf8(gateway), "contract_id": .number(contract)])
    }
}
