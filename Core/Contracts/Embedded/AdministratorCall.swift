/// What on the chain needs the council or the validators. Reachable in process and over the administrator's socket only.
public enum AdministratorCall: Sendable, Hashable, Codable {
    case startGrace(contract: UInt64)
    case endGrace(contract: UInt64)
    /// One round of billing now: contracts whose grace is over expire.
    case bill
    case cancelCollective(contract: UInt64)
    case setDedicated(farm: UInt32, isDedicated: Bool)
    case setExtraFee(node: UInt32, fee: UInt64)
    case setVersionText(text: String)
    /// Moves the ledger's clock forward from now on.
    case warp(milliseconds: UInt64)
    /// An empty block.
    case tick

    private enum CodingKeys: String, CodingKey {
        case startGrace = "start_grace", endGrace = "end_grace", bill, cancelCollective = "cancel_contract_collective"
        case setDedicated = "set_dedicated", setExtraFee = "set_extra_fee", setVersionText = "set_version_text"
        case warp, tick
    }
}

extension Extrinsic {
    mutating func apply(_ call: AdministratorCall) throws {
        switch call {
        case .startGrace(let id): try startGrace(id)
        case .endGrace(let id): try endGrace(id)
        case .bill: try bill()
        case .cancelCollective(let id): try remove(try contract(id))
        case .setDedicated(let id, let isDedicated):
            var farm = try farm(id, .grid)
            farm.isDedicated = isDedicated
            try state.set(.farm(id), farm)
        case .setExtraFee(let id, let fee):
            _ = try node(id, .contracts)
            try state.set(.extraFee(id), fee)
        case .setVersionText(let text): try state.set(.versionText, text)
        case .warp, .tick: break
        }
    }
}
