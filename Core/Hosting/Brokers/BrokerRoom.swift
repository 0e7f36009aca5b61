import Logging
import Synchronization

/// What all brokers share.
final class BrokerRoom: Sendable {
    let configuration: BrokerConfiguration
    let registry: SubjectRegistry
    let ledger: ObjectLedger
    let network: NodeNetwork
    let reservations: ReservationStore
    let companions: CompanionRunner
    let listeners: ListenerHub
    /// Nil on a node that keeps none.
    let secrets: SecretStore?
    let timers: TimerStore
    /// Nil on a node that gets none.
    let library: RootLibrary?
    let gate = KeyedGate()
    let log: Logger
    /// Taps that wait for a companion, and stay for its next start.
    private let taps = Mutex<[String: OwnedDescriptor]>([:])
    /// Who knows all workloads; made later.
    private let teller = Mutex<(any WorkloadEvents)?>(nil)

    init(
        _ configuration: BrokerConfiguration, registry: SubjectRegistry, companions: CompanionRunner, log: Logger
    ) throws(HostingError) {
        self.configuration = configuration
        self.registry = registry
        self.companions = companions
        self.log = log
        ledger = try ObjectLedger(
            folder: configuration.run + "/objects", durable: configuration.state + "/objects")
        // Before the first of their things, so that the last one leaves the node as it was.
        if let pool = configuration.pool {
            try SmallFile.makeFolder(configuration.run + "/overlays", mode: 0o711)
            try SmallFile.makeFolder(configuration.run + "/directories", mode: 0o700)
            try SmallFile.makeFolder(pool + "/directories", mode: 0o700)
        }
        network = try NodeNetwork(namespaces: configuration.namespaces)
        listeners = try ListenerHub(log: log) { target in
            try companions.connectNow(target.identity, socket: target.socket, workload: target.workload)
        }
        reservations = try ReservationStore(folder: configuration.state + "/reservations")
        secrets =
            if let key = configuration.secretKey {
                try SecretStore(folder: configuration.state + "/secrets", key: key)
            } else { nil }
        timers = try TimerStore(folder: configuration.state + "/timers")
        library =
            if let images = configuration.images {
                try RootLibrary(images, folders: configuration.roots, log: log) { [ledger] in
                    RootBroker.inUse(ledger)
                }
            } else { nil }
    }

    deinit { listeners.closeAll() }

    func now() -> Int64 { configuration.now() }
    var events: (any WorkloadEvents)? { teller.withLock { $0 } }
    func attach(_ events: any WorkloadEvents) { teller.withLock { $0 = events } }

    func tap(_ name: String) -> OwnedDescriptor? { taps.withLock { $0[name] } }
    func keep(_ tap: OwnedDescriptor?, as name: String) { taps.withLock { $0[name] = tap } }

    /// Claims the record, makes the object on a thread of its own, and takes both back if that fails.
    ///
    /// `make` says whether it had to make anything: after a reboot, or a crash between the two, the record is old and
    /// the object is not there.
    func create(
        _ record: ObjectRecord, undo: @escaping @Sendable () throws -> Void,
        _ make: @escaping @Sendable () throws -> Bool
    ) async throws -> Bool {
        try await gate.holding(record.key) {
            let isNew = try self.ledger.claim(record)
            do {
                return try await OwnThread.run(make)
            } catch {
                guard isNew else { throw error }
                do {
                    try await OwnThread.run(undo)
                    try self.ledger.remove(record)
                } catch let second {
                    // The record stays, so that a sweep tries again.
                    self.log.warning("not undone", metadata: ["object": "\(record.key)", "error": "\(second)"])
                }
                throw error
            }
        }
    }

    /// Removes the object, then its record.
    func delete(_ record: ObjectRecord, _ remove: @escaping @Sendable () throws -> Void) async throws {
        try await gate.holding(record.key) {
            try await OwnThread.run(remove)
            try self.ledger.remove(record)
        }
    }
}
