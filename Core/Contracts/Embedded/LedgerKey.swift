import Signatures

/// Where a value lies in the ledger's state.
enum LedgerKey {
    case lastTwin, lastFarm, lastNode, lastContract
    case twin(UInt32), twinByAccount(AccountID)
    case farm(UInt32), farmByName(String), nodesOfFarm(UInt32)
    case node(UInt32), nodeByTwin(UInt32), power(UInt32), extraFee(UInt32)
    case contract(UInt64), contractByHash(UInt32, ContractHash), contractByName(String)
    case active(UInt32), rent(UInt32), resources(UInt64)
    case account(AccountID), terms(AccountID)
    case inGrace, versionText, now

    var text: String {
        switch self {
        case .lastTwin: "last/twin"
        case .lastFarm: "last/farm"
        case .lastNode: "last/node"
        case .lastContract: "last/contract"
        case .twin(let id): "twin/\(id)"
        case .twinByAccount(let account): "twin-by-account/\(Hex.encode(account.key.bytes))"
        case .farm(let id): "farm/\(id)"
        case .farmByName(let name): "farm-by-name/\(name)"
        case .nodesOfFarm(let id): "nodes-of-farm/\(id)"
        case .node(let id): "node/\(id)"
        case .nodeByTwin(let id): "node-by-twin/\(id)"
        case .power(let id): "power/\(id)"
        case .extraFee(let id): "extra-fee/\(id)"
        case .contract(let id): "contract/\(id)"
        case .contractByHash(let node, let hash): "contract-by-hash/\(node)/\(Hex.encode(hash.bytes))"
        case .contractByName(let name): "contract-by-name/\(name)"
        case .active(let node): "active/\(node)"
        case .rent(let node): "rent/\(node)"
        case .resources(let id): "resources/\(id)"
        case .account(let account): "account/\(Hex.encode(account.key.bytes))"
        case .terms(let account): "terms/\(Hex.encode(account.key.bytes))"
        case .inGrace: "in-grace"
        case .versionText: "version-text"
        case .now: "now"
        }
    }
}
