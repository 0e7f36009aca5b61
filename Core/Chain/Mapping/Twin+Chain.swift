import Contracts
import Substrate

extension Twin: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Twin")
        self.init(
            id: try field("id").integer(), account: try AccountID(try field("account_id")),
            relay: try field("relay").optionalText(),
            pk: try field("pk").optional().map { (value) throws(SubstrateError) in HexBytes(try value.byteArray()) })
    }

    public var tree: ScaleValue {
        .record([
            "id": .number(id), "account_id": account.tree, "relay": ScaleValue(relay), "entities": .list([]),
            "pk": .option(pk.map { .bytes($0.bytes) }),
        ])
    }
}
