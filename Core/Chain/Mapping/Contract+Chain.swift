import Contracts
import Substrate

extension Contract: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "Contract")
        self.init(
            id: try field("contract_id").integer(), twin: try field("twin_id").integer(),
            state: try ContractState(try field("state")), kind: try ContractKind(try field("contract_type")),
            solutionProvider: try field("solution_provider_id").optional().map {
                (value) throws(SubstrateError) in try value.integer()
            })
        if let number = field["version"] { version = try number.integer() }
    }

    public var tree: ScaleValue {
        .record([
            "version": .number(version), "state": state.tree, "contract_id": .number(id), "twin_id": .number(twin),
            "contract_type": kind.tree, "solution_provider_id": .option(solutionProvider.map { .number($0) }),
        ])
    }
}

extension ContractState: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        switch try tree.chosen() {
        case ("Created", _): self = .created
        case ("Deleted", let cause): self = .deleted(cause: Cause(rawValue: try cause.chosen().name))
        case ("GracePeriod", let block): self = .gracePeriod(block: try block.integer())
        case (let name, _): self = .other(name: name)
        }
    }

    public var tree: ScaleValue {
        switch self {
        case .created: .variant("Created")
        case .deleted(let cause): .variant("Deleted", .variant(cause.rawValue))
        case .gracePeriod(let block): .variant("GracePeriod", .number(block))
        case .other(let name): .variant(name)
        }
    }
}

extension ContractKind: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        switch try tree.chosen() {
        case ("NodeContract", let contract): self = .node(try NodeContract(contract))
        case ("NameContract", let contract):
            self = .name(try ScaleRecord(contract, of: "NameContract")("name").displayText())
        case ("RentContract", let contract):
            self = .rent(node: try ScaleRecord(contract, of: "RentContract")("node_id").integer())
        case (let name, _): self = .other(name)
        }
    }

    public var tree: ScaleValue {
        switch self {
        case .node(let contract): .variant("NodeContract", contract.tree)
        case .name(let name): .variant("NameContract", .record(["name": .utf8(name)]))
        case .rent(let node): .variant("RentContract", .record(["node_id": .number(node)]))
        case .other(let name): .variant(name)
        }
    }
}

extension NodeContract: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "NodeContract")
        self.init(
            node: try field("node_id").integer(), hash: try ContractHash(try field("deployment_hash")),
            data: HexBytes(try field("deployment_data").byteArray()),
            publicIPCount: try field("public_ips").integer(), publicIPs: try field("public_ips_list").mapped())
    }

    public var tree: ScaleValue {
        .record([
            "node_id": .number(node), "deployment_hash": hash.tree, "deployment_data": .bytes(data.bytes),
            "public_ips": .number(publicIPCount), "public_ips_list": ScaleValue(publicIPs),
        ])
    }
}

extension ContractHash: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let bytes = try tree.byteArray()
        guard let hash = ContractHash(bytes: bytes) else {
            throw SubstrateError(
                .unsupportedRuntime, "unsupported runtime: a contract's hash has \(bytes.count) bytes, not 32")
        }
        self = hash
    }

    public var tree: ScaleValue { .bytes(bytes) }
}
