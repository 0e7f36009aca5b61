import Contracts
import Logging
import Provisioning
import RMB
import Signatures

/// What both transports of a node share, and its peer at the relays (docs/messages.md).
struct NodeMessages: Sendable {
    let senders: SenderCheck
    let desk: RequestDesk
    /// nil without relays.
    let peer: RelayPeer?

    init(
        configuration: NodeConfiguration, identity: NodeIdentity, twin: UInt32, directory: CachedTwinDirectory,
        router: Router, log: Logger
    ) throws(RMBError) {
        senders = SenderCheck(keys: directory)
        desk = RequestDesk(router: router)
        let relays = configuration.relayEndpoints
        guard !relays.isEmpty else {
            peer = nil
            return
        }
        var relayed = RelayPeer.Configuration(relays: relays)
        relayed.policy.requiresEncryption = configuration.requiresEncryption
        relayed.refusesDowngrade = configuration.requiresEncryption
        relayed.client.trustedCertificates = configuration.relayCertificates
        peer = RelayPeer(
            configuration: relayed,
            services: RelayPeer.Services(
                identity: RMBIdentity(twin: twin, key: identity.keys), encryption: identity.encryption,
                directory: directory, senders: senders, desk: desk,
                replayGuard: try ReplayGuard(path: configuration.folders.relayGuard), log: log))
    }

    func run() async { await peer?.run() }
}

/// Keeps the records of twins that messages work with as the ledger has them.
struct TwinNews: LedgerListener {
    let directory: CachedTwinDirectory

    func changed(_ twin: Twin) async { directory.store(TwinRecord(twin), of: twin.id) }
    func missedEvents() async { directory.forgetAll() }
}
