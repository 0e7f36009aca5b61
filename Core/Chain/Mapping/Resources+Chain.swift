import Contracts
import Substrate

extension Resources: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Resources")
        self.init(
            hru: try field("hru").integer(), sru: try field("sru").integer(), cru: try field("cru").integer(),
            mru: try field("mru").integer())
    }

    public var tree: ScaleValue {
        .record(["hru": .number(hru), "sru": .number(sru), "cru": .number(cru), "mru": .number(mru)])
    }
}

extension ContractResources: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "ContractResources")
        self.init(contract: try field("contract_id").integer(), used: try Resources(try field("used")))
    }

    public var tree: ScaleValue { .record(["contract_id": .number(contract), "used": used.tree]) }
}

extension TrafficReport: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "NruConsumption")
        self.init(
            contract: try field("contract_id").integer(), timestamp: try field("timestamp").integer(),
            window: try field("window").integer(), nru: try field("nru").integer())
    }

    public var tree: ScaleValue {
        .record([
            "contract_id": .number(contract), "timestamp": .number(timestamp), "window": .number(window),
            "nru": .number(nru),
        ])
    }
}

extension LedgerAccount: ChainMapped {
    /// More than 2^64−1 units count as that many.
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "AccountInfo")
        let free: UInt128 = try ScaleRecord(try field("data"), of: "AccountData")("free").integer()
        self.init(nonce: try field("nonce").integer(), free: UInt64(clamping: free))
    }

    public var tree: ScaleValue {
        .record([
            "nonce": .number(nonce), "consumers": .unsigned(0), "providers": .unsigned(1), "sufficients": .unsigned(0),
            "data": .record([
                // The one flag says that the account follows the current rules of its pallet.
                "free": .number(free), "reserved": .unsigned(0), "frozen": .unsigned(0), "flags": .unsigned(1 << 127),
            ]),
        ])
    }
}
