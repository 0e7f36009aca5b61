import Contracts
import JSON
import Logging
import Provisioning
import Synchronization

/// What the ledger tells a running node besides contracts: its public configuration, power targets, twins.
final class LedgerNews: LedgerListener {
    private let node: UInt32
    private let ledger: any Ledger
    private let keys: LedgerTwinKeys
    private let log: Logger
    private let config: Mutex<PublicConfig?>

    /// - Parameter config: as it was last seen.
    init(node: UInt32, config: PublicConfig?, ledger: any Ledger, keys: LedgerTwinKeys, log: Logger) {
        self.node = node
        self.config = Mutex(config)
        self.ledger = ledger
        self.keys = keys
        self.log = log
    }

    /// As `zos.network.public_config_get` answers it; null for none.
    var publicConfiguration: JSONValue { config.withLock { $0?.nodeJSON ?? .null } }

    func changed(_ config: PublicConfig?) async {
        self.config.withLock { $0 = config }
        log.notice("public configuration changed", metadata: ["config": "\(config?.nodeJSON.text ?? "none")"])
    }

    func wanted(_ target: NodePower.Target, ofNode other: UInt32) async {
        guard other == node, target == .down else { return }
        log.notice("the farmer wants this node down; it does not switch machines off, do it by hand")
    }

    func missedEvents() async {
        await keys.forgetAll()
        do throws(LedgerUnavailable) {
            guard let known = try await ledger.node(node, at: .finalised) else { return }
            config.withLock { $0 = known.publicConfig }
        } catch {
            log.warning("public configuration not read again", metadata: ["error": "\(error)"])
        }
    }
}

extension PublicConfig {
    /// docs/spec/node-api.md section 5; the ledger knows no other type than `macvlan`.
    fileprivate var nodeJSON: JSONValue {
        [
            "type": "macvlan", "ipv4": .string(ip4.ip), "ipv6": .string(ip6?.ip ?? ""),
            "gw4": .string(ip4.gateway), "gw6": .string(ip6?.gateway ?? ""), "domain": .string(domain ?? ""),
        ]
    }
}
