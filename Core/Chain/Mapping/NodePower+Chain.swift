import Contracts
import Substrate

extension NodePower: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        let field = try ScaleRecord(tree, of: "NodePower")
        self.init(state: try State(try field("state")), target: try Target(try field("target")))
    }

    public var tree: ScaleValue { .record(["state": state.tree, "target": target.tree]) }
}

extension NodePower.State: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) {
        switch try tree.chosen() {
        case ("Up", _): self = .up
        case ("Down", let block): self = .down(block: try block.integer())
        case (let name, _): self = .other(name: name)
        }
    }

    public var tree: ScaleValue {
        switch self {
        case .up: .variant("Up")
        case .down(let block): .variant("Down", .number(block))
        case .other(let name): .variant(name)
        }
    }
}

extension NodePower.Target: ChainMapped {
    public init(_ tree: ScaleValue) throws(SubstrateError) { self.init(rawValue: try tree.chosen().name) }
    public var tree: ScaleValue { .variant(rawValue) }
}
