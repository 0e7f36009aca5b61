import Contracts
import Logging
import Signatures
import Synchronization

/// Makes and keeps a node known to its ledger: twin, farm, node and what they say (docs/spec/tfchain.md section 12).
///
/// The ledger is needed once. From then on the ids are on disk, the node starts with them, and what differs is mended whenever the
/// ledger can be reached: at start, daily, and when the machine's addresses change.
final class Registrar: Sendable {
    /// Calls until a node is as it wants to be are fewer; more mean that the ledger does not show what it accepted.
    private static let mostCalls = 8
    private static let daily = Duration.seconds(86_400)
    /// How often the machine is looked at.
    private static let look = Duration.seconds(60)
    /// How long a start with known ids waits for the ledger to say which one it is.
    private static let greeting = Duration.seconds(5)

    private let ledger: any Ledger
    private let key: KeyPair
    private let path: String
    private let wanted: @Sendable () -> WantedRegistration
    private let activation: any AccountActivation
    private let pause: @Sendable (Duration) async throws -> Void
    private let log: Logger
    private let record = Mutex<RegistrationRecord?>(nil)

    /// - Parameters:
    ///   - path: where the ids are kept.
    ///   - wanted: what the node wants to be known as, now.
    ///   - pause: waits.
    init(
        ledger: any Ledger, key: KeyPair, path: String, activation: any AccountActivation = NoActivation(),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, log: Logger,
        wanted: @escaping @Sendable () -> WantedRegistration
    ) {
        self.ledger = ledger
        self.key = key
        self.path = path
        self.activation = activation
        self.pause = pause
        self.log = log
        self.wanted = wanted
    }

    private var account: AccountID { AccountID(key.publicKey) }

    /// The ids to start with: those on disk, else those that the ledger has, else new ones. Waits for the ledger if it must.
    ///
    /// - Throws: `NodeError` for what the operator must mend; `CancellationError`.
    func start() async throws -> RegistrationRecord {
        if let stored = try RegistrationRecord.read(path) {
            try await check(stored)
            record.withLock { $0 = stored }
            return stored
        }
        while true {
            do {
                let known = try await KnownRegistration(of: account, farm: wanted().node.farm, on: ledger)
                if let twin = known.twin, let node = known.node {
                    if case .refused(let reason, let hint) = RegistrationStep(known, wanted()) {
                        throw NodeError(.registration, reason, hint: hint)
                    }
                    return try await keep(twin.id, node)
                }
                return try await settle()
            } catch let error as LedgerUnavailable {
                log.warning(
                    "not registered yet, the ledger cannot be reached",
                    metadata: ["account": "\(account)", "error": "\(error)"])
            }
            try await pause(.seconds(10))
        }
    }

    /// Works until the task is cancelled. What cannot be mended now is tried again.
    func run() async {
        while !Task.isCancelled {
            let tried = wanted()
            var wait = Self.daily
            do {
                _ = try await settle()
            } catch is CancellationError {
                return
            } catch {
                let isAway = error is LedgerUnavailable
                log.log(
                    level: isAway ? .info : .error, "registration not brought up to date",
                    metadata: ["error": "\(error)"])
                wait = isAway ? Self.look : .seconds(3600)
            }
            do { try await sleep(for: wait, unlessChanged: tried) } catch { return }
        }
    }

    private func sleep(for duration: Duration, unlessChanged tried: WantedRegistration) async throws {
        var slept = Duration.zero
        while slept < duration, wanted() == tried {
            try await pause(Self.look)
            slept += Self.look
        }
    }

    /// Refuses ids of another ledger. One that does not answer now is not waited for.
    private func check(_ stored: RegistrationRecord) async throws {
        let ledger = ledger
        let answer = await LedgerUnavailable.after(Self.greeting) { () throws(LedgerUnavailable) in
            try await ledger.genesisHash()
        }
        guard case .success(let genesis) = answer else {
            return log.warning("starting with the ids on disk, the ledger does not answer")
        }
        guard genesis == stored.genesis else {
            throw NodeError(
                .registration,
                "this node is registered on the ledger \(stored.genesis.text), but the configured one is \(genesis.text)",
                hint: "restore that ledger or its endpoints, or give the node another folder with --state")
        }
    }

    /// Makes calls until nothing differs.
    private func settle() async throws -> RegistrationRecord {
        var known = try await KnownRegistration(of: account, farm: wanted().node.farm, on: ledger)
        var calls = 0
        while true {
            try Task.checkCancellation()
            switch RegistrationStep(known, wanted()) {
            case .done(let twin, let node): return try await keep(twin, node)
            case .refused(let reason, let hint): throw NodeError(.registration, reason, hint: hint)
            case .awaitFunds(let least):
                try await awaitFunds(least)
                known = try await KnownRegistration(of: account, farm: wanted().node.farm, on: ledger)
            case .call(let call):
                calls += 1
                guard calls <= Self.mostCalls else {
                    throw LedgerUnavailable(.malformed, "the ledger does not show what it has accepted")
                }
                known.apply(call, try await submit(call))
            }
        }
    }

    private func submit(_ call: LedgerCall) async throws -> CallReceipt {
        do throws(CallFailure) {
            let receipt = try await ledger.submit(call, by: key)
            log.notice("registered", metadata: ["call": "\(call.name)", "block": "\(receipt.block.number)"])
            return receipt
        } catch {
            switch error {
            case .unavailable(let reason): throw reason
            case .refused(let refusal) where refusal.code == .outdated || refusal.code == .future:
                throw LedgerUnavailable(.unreachable, refusal.message)
            case .failed(let failure, _)
            where failure.name == "TwinWithPubkeyExists" || failure.name == "NodeWithTwinIdExists":
                // An earlier call of ours that got no answer had its effect.
                throw LedgerUnavailable(.unreachable, "\(failure)")
            default:
                throw NodeError(
                    .registration, "the ledger does not accept \(call.name): \(error)",
                    hint: "see docs/networks.md, registration")
            }
        }
    }

    private func awaitFunds(_ least: UInt64) async throws {
        log.warning(
            "waiting for funds: the account must hold more before the node can register",
            metadata: ["account": "\(account)", "more_than": "\(least)"])
        do {
            try await activation.activate(account)
        } catch {
            log.warning("the activation service did not help", metadata: ["error": "\(error)"])
        }
        try await pause(.seconds(30))
    }

    private func keep(_ twin: UInt32, _ node: Node) async throws -> RegistrationRecord {
        let made = RegistrationRecord(
            genesis: try await ledger.genesisHash(), twin: twin, node: node.id, farm: node.farm,
            publicConfig: node.publicConfig)
        let before = record.withLock { $0 }
        if let before, before.twin != made.twin || before.node != made.node {
            // Everything that runs here belongs to the old ids: only a new start may take others.
            throw NodeError(
                .registration, "the ledger now knows this node as \(made.node), it runs as \(before.node)",
                hint: "stop it and remove \(path)")
        }
        if before != made {
            try made.write(to: path)
            record.withLock { $0 = made }
        }
        return made
    }
}

extension LedgerCall {
    /// The chain's name of the call.
    var name: String {
        switch self {
        case .createTwin: "create_twin"
        case .updateTwin: "update_twin"
        case .acceptTerms: "user_accept_tc"
        case .createFarm: "create_farm"
        case .createNode: "create_node"
        case .updateNode: "update_node"
        case .changePowerState: "change_power_state"
        default: "a call"
        }
    }
}
