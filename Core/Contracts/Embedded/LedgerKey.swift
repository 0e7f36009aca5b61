import Signatures

/// Where a value lies in the ledger's state.
public enum LedgerKey: Sendable, Hashable {
    case lastTwin, lastFarm, lastNode, lastContract
    case twin(UInt32), twinByAccount(AccountID)
    case farm(UInt32), farmByName(String), nodesOfFarm(UInt32)
    case node(UInt32), nodeByTwin(UInt32), power(UInt32), extraFee(UInt32)
    case contract(UInt64), contractByHash(UInt32, ContractHash), contractByName(String)
    case active(UInt32), rent(UInt32), resources(UInt64), billing(UInt64), lock(UInt64)
    case account(AccountID), terms(AccountID)
    case inGrace, versionText, now

    /// The keys that differ in their arguments only.
    public enum Family: String, Sendable, CaseIterable {
        case twin, twinByAccount = "twin-by-account"
        case farm, farmByName = "farm-by-name", nodesOfFarm = "nodes-of-farm"
        case node, nodeByTwin = "node-by-twin", power, extraFee = "extra-fee"
        case contract, contractByHash = "contract-by-hash", contractByName = "contract-by-name"
        case active, rent, resources, billing, lock
        case account, terms
    }

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
        case .billing(let id): "billing/\(id)"
        case .lock(let id): "lock/\(id)"
        case .account(let account): "account/\(Hex.encode(account.key.bytes))"
        case .terms(let account): "terms/\(Hex.encode(account.key.bytes))"
        case .inGrace: "in-grace"
        case .versionText: "version-text"
        case .now: "now"
        }
    }
}
