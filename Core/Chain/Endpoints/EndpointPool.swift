import Contracts
import Logging
import Substrate
import Synchronization
import WebSockets

/// Holds one good connection to one of several endpoints, and moves to the next when it fails. Everybody who asks shares
/// it, and shares one reconnect (docs/spec/tfchain.md section 9).
final class EndpointPool: Sendable {
    private struct State {
        var session: ChainSession?
        var genesis: [UInt8]?
        /// The highest finalised block ever seen: no endpoint that is behind it is believed about the finalised state.
        var floor: UInt32 = 0
        var opened: UInt32 = 0
        var trouble = "no endpoint was tried yet"
        var replacement: [WebSocketAddress]?
    }

    let settings: ChainSettings
    let shelf = MetadataShelf()
    /// Advances with the finalised heads.
    let heads = HeadSignal(head: 0)
    /// Advances with every connection.
    private let openings = HeadSignal(head: 0)
    private let endpoints: [WebSocketAddress]
    private let now: @Sendable () -> UInt64
    private let log: Logger
    private let state: Mutex<State>

    init(
        _ endpoints: [WebSocketAddress], settings: ChainSettings, now: @escaping @Sendable () -> UInt64, log: Logger
    ) {
        self.endpoints = endpoints
        self.settings = settings
        self.now = now
        self.log = log
        state = Mutex(State(genesis: settings.genesis?.bytes))
    }

    /// The genesis hash that counts, as soon as one is known.
    var genesis: [UInt8]? { state.withLock { $0.genesis } }
    /// The highest finalised block ever seen.
    var floor: UInt32 { state.withLock { $0.floor } }

    /// Another list of endpoints, from the next reconnect on; a healthy connection is kept.
    func replaceEndpoints(_ list: [WebSocketAddress]) { state.withLock { $0.replacement = list } }

    /// Returns when there was a connection, or after `patience`.
    func waitForConnection(patience: Duration) async { await openings.wait(after: 0, patience: patience) }

    /// Connects, and connects again whenever the connection is lost, until the task is cancelled.
    func run() async {
        var roster = EndpointRoster(endpoints, pause: settings.attemptPause, backOff: settings.backOff)
        var step = roster.begin()
        while !Task.isCancelled {
            if let list = state.withLock({ $0.replacement.take() }) {
                roster.replace(list)
                step = roster.begin()
            }
            let address: WebSocketAddress
            var staleness = EndpointCheck.Staleness.refused
            switch step {
            case .attempt(let next, let pause):
                address = next
                // Cancelled: the loop's condition ends it.
                try? await Task.sleep(for: pause)
            case .takeAnyway(let next):
                address = next
                staleness = .accepted
                log.warning(
                    "every chain endpoint looks stale; the clock of this machine may be wrong",
                    metadata: ["taken": "\(next)"])
            }
            guard !Task.isCancelled else { return }
            let start = ContinuousClock.now
            switch await connection(to: address, staleness) {
            case nil: step = roster.lost(address, after: .now - start)
            case .some(let refusal): step = roster.refused(address, refusal)
            }
        }
    }

    /// Lives with one connection.
    /// - Returns: nil when it was good and was lost, else why it was not taken.
    private func connection(
        to address: WebSocketAddress, _ staleness: EndpointCheck.Staleness
    ) async -> EndpointRoster.Refusal? {
        var client = WebSocketClient(settings: WebSocketSettings(messageLimit: settings.messageLimit))
        client.connectTimeout = settings.connectTimeout
        client.trustedCertificates = settings.trustedCertificates
        let check = EndpointCheck(
            settings: settings, shelf: shelf, genesis: genesis, staleness: staleness, now: now)
        let openedBefore = state.withLock { $0.opened }
        do {
            let reason = try await client.connect(to: address) { socket in
                let rpc = RPCConnection(socket, patience: settings.answerTimeout)
                return try await withThrowingTaskGroup(of: String.self) { group in
                    group.addTask { "\(await rpc.run())" }
                    group.addTask {
                        let session = try await check.run(rpc, address)
                        self.open(session)
                        defer { self.close(session) }
                        return await session.follow { self.advance(to: $0.number) }
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? ""
                }
            }
            if Task.isCancelled { return nil }
            log.warning("chain endpoint lost", metadata: ["endpoint": "\(address)", "reason": "\(reason)"])
            return state.withLock { state in
                state.trouble = "\(address): \(reason)"
                return state.opened == openedBefore ? .unusable : nil
            }
        } catch {
            if Task.isCancelled { return nil }
            state.withLock { $0.trouble = "\(address): \(error)" }
            log.warning("chain endpoint not usable", metadata: ["endpoint": "\(address)", "reason": "\(error)"])
            if case EndpointCheck.Failure.stale(let lag) = error { return .stale(lag) }
            return .unusable
        }
    }

    private func open(_ session: ChainSession) {
        let opened = state.withLock { state in
            state.session = session
            state.genesis = session.genesis
            state.opened &+= 1
            return state.opened
        }
        advance(to: session.head.number)
        log.notice(
            "chain endpoint connected",
            metadata: ["endpoint": "\(session.address)", "finalised": "\(session.head.number)"])
        openings.advance(to: opened)
    }

    private func close(_ session: ChainSession) {
        state.withLock { state in
            if state.session === session { state.session = nil }
        }
    }

    private func advance(to number: UInt32) {
        state.withLock { $0.floor = max($0.floor, number) }
        heads.advance(to: number)
    }

    /// The connection, waited for until `deadline`.
    private func session(until deadline: ContinuousClock.Instant) async throws(LedgerUnavailable) -> ChainSession {
        while true {
            let (session, opened, trouble) = state.withLock { ($0.session, $0.opened, $0.trouble) }
            if let session { return session }
            let wait = deadline - .now
            guard wait > .zero, !Task.isCancelled else {
                throw LedgerUnavailable(.unreachable, "no chain endpoint can be used; \(trouble)")
            }
            await openings.wait(after: opened, patience: wait)
        }
    }

    /// Runs `body` with a connection, and again with the next one when it fails for want of a good answer. An answer
    /// that says *absent* is an answer.
    func attempt<Value: Sendable>(
        _ body: (ChainSession) async throws -> Value
    ) async throws(LedgerUnavailable) -> Value {
        var deadline: ContinuousClock.Instant?
        var pause = settings.retryPause.lowerBound
        while true {
            let session = try await session(until: deadline ?? .now + settings.retryFor)
            let failure: LedgerUnavailable
            do {
                return try await body(session)
            } catch let final as LedgerUnavailable {
                throw final
            } catch {
                failure = try judge(error, session)
            }
            let end = deadline ?? .now + settings.retryFor
            deadline = end
            guard .now < end, !Task.isCancelled else { throw failure }
            // Cancelled: the next look at the connection ends it.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, settings.retryPause.upperBound)
        }
    }

    /// What a failure means: thrown if it is final, returned if another endpoint may do better.
    private func judge(_ error: any Error, _ session: ChainSession) throws(LedgerUnavailable) -> LedgerUnavailable {
        let failure: LedgerUnavailable
        switch error {
        case RPCError.refused(let answer) where answer.isPruned:
            throw LedgerUnavailable(.pruned, "\(session.address): \(answer)")
        case RPCError.cancelled, is CancellationError:
            throw LedgerUnavailable(.unreachable, "the question was given up")
        case RPCError.late(let reason): failure = LedgerUnavailable(.timedOut, "\(session.address): \(reason)")
        case RPCError.nonsense(let reason): failure = LedgerUnavailable(.malformed, "\(session.address): \(reason)")
        case let error as SubstrateError:
            failure = LedgerUnavailable(.malformed, "\(session.address): \(error.message)")
            // Perhaps its metadata is wrong; if the same came twice, it is the runtime that this program does not know.
            guard shelf.doubt(session.head.runtime.version.specVersion) || error.code != .unsupportedRuntime else {
                throw failure
            }
        default: failure = LedgerUnavailable(.unreachable, "\(session.address): \(error)")
        }
        session.fail(failure.message)
        // Nobody else shall be given a connection that is on its way out.
        close(session)
        return failure
    }
}
