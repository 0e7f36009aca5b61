import Contracts
import Logging
import Signatures

/// A node's own life on its ledger: registration and what it tells about itself (docs/spec/tfchain.md sections 11 and 12).
struct NodeChain: Sendable {
    private let ledger: any Ledger
    private let key: KeyPair
    private let log: Logger
    let registrar: Registrar

    /// - Parameter encryptionKey: the key for encrypted messages that the node's twin shall carry.
    init(
        configuration: NodeConfiguration, ledger: any Ledger, key: KeyPair, encryptionKey: HexBytes? = nil, log: Logger
    ) {
        self.ledger = ledger
        self.key = key
        self.log = log
        let services = configuration.activationServices
        registrar = Registrar(
            ledger: ledger, key: key, path: configuration.folders.registration,
            activation: services.isEmpty ? NoActivation() : ActivationService(urls: services), log: log
        ) { NodeChain.wanted(configuration, encryptionKey) }
    }

    func reporter(node: UInt32) -> ResourceReporter {
        ResourceReporter(ledger: ledger, key: key, node: node, log: log)
    }

    /// Works until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await registrar.run() }
            group.addTask { await UptimeReporter(ledger: ledger, key: key, log: log).run() }
        }
    }

    private static func wanted(_ configuration: NodeConfiguration, _ encryptionKey: HexBytes?) -> WantedRegistration {
        let host = HostDescription(
            farm: configuration.farm, storage: configuration.storage, machine: MachineFigures(),
            location: configuration.location?.registered ?? Location())
        var registration = host.registration()
        let isOwnLedger = configuration.network == .embedded
        if isOwnLedger { registration.resources.raise(to: WantedRegistration.leastResources) }
        return WantedRegistration(
            relays: configuration.relayEndpoints.map(\.name), encryptionKey: encryptionKey, node: registration,
            isFarmGiven: configuration.isFarmGiven,
            farmName: isOwnLedger && configuration.ledgerSocket == nil && configuration.chainEndpoints.isEmpty
                ? "local" : nil,
            leastBalance: configuration.network.leastBalance)
    }
}

extension Resources {
    /// A ledger of one's own takes small machines too, by its rules only under a larger figure.
    fileprivate mutating func raise(to least: Resources) {
        (cru, mru, sru) = (max(cru, least.cru), max(mru, least.mru), max(sru, least.sru))
    }
}

extension NodeConfiguration {
    /// What disks and volumes may take: what the operator says, at most what the file system has.
    var storage: UInt64 {
        let size = MachineFigures.storage(at: folders.pool).size
        return poolSize == 0 ? size : min(poolSize, size)
    }
}
