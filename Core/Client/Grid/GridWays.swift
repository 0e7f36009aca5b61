import Contracts
import Logging
import RMB
import Signatures

/// The ways by which a user's program reaches twins: addresses that are known, addresses in the Yggdrasil network, relays.
/// What has to be kept open for them is open while a body runs.
public struct GridWays: Sendable {
    /// Where the buses of twins listen.
    public var peers: [UInt32: PeerAddress]
    /// Relays to be connected to, all at the same time; twins without an address that answers are called over them.
    public var relays: [RelayEndpoint]
    /// The user's key for encrypted payloads; nil for none.
    public var encryption: EndToEndKey?
    /// Told what the connections to relays go through; warnings and worse unless another one is given.
    public var log: Logger

    /// Messages that a program which only asks has to remember at once.
    private static let remembered = 4096

    public init(
        peers: [UInt32: PeerAddress] = [:], relays: [RelayEndpoint] = [], encryption: EndToEndKey? = nil
    ) {
        self.peers = peers
        self.relays = relays
        self.encryption = encryption
        log = Logger(label: "rmb")
        log.logLevel = .warning
    }

    /// Runs `body` with a way to every twin, and ends what was kept open for it.
    /// - Throws: what `body` throws; `RMBError` if the ways cannot be opened. A relay that is away is no error: it is tried again.
    public func run<Answer>(
        as identity: RMBIdentity, on ledger: any Ledger, _ body: (any RMBCaller) async throws -> Answer
    ) async throws -> Answer {
        let addresses = KnownAddresses([FixedTwinAddresses(peers), PlanetaryAddresses(ledger: ledger)])
        let direct = ProxyCaller(
            identity: identity, addresses: addresses, keys: LedgerTwinKeys(ledger: ledger))
        guard !relays.isEmpty else {
            return try await body(RoutedCaller(direct: direct, addresses: addresses, relay: nil))
        }
        let peer = try relayPeer(identity, ledger)
        let caller = RoutedCaller(direct: direct, addresses: addresses, relay: RelayCaller(peer))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await peer.run() }
            defer { group.cancelAll() }
            return try await body(caller)
        }
    }

    private func relayPeer(_ identity: RMBIdentity, _ ledger: any Ledger) throws(RMBError) -> RelayPeer {
        let directory = CachedTwinDirectory(LedgerTwinDirectory(ledger: ledger))
        var configuration = RelayPeer.Configuration(relays: relays)
        // Another program of the same user must not get this one's answers.
        configuration.session = .random()
        return RelayPeer(
            configuration: configuration,
            services: RelayPeer.Services(
                identity: identity, encryption: encryption, directory: directory,
                senders: SenderCheck(keys: directory), desk: nil,
                replayGuard: try ReplayGuard(volatileCapacity: Self.remembered), log: log))
    }
}
