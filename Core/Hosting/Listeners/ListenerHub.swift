import CHost
import Glibc
import Logging
import Synchronization

/// Accepts for plugins inside namespaces and joins every caller to a companion's socket, on one thread for all.
final class ListenerHub: Sendable {
    /// Where callers are led to.
    struct Target: Sendable, Hashable {
        let identity: CompanionIdentity
        let workload: String
        let socket: String
        let sharing: Splice.Sharing
        let idle: Duration
        /// Callers at a time.
        let limit: Int
    }

    /// Callers at a time, of all listeners.
    static let limit = 512

    private struct Listening {
        let socket: OwnedDescriptor
        let target: Target
        var splices: [Splice] = []
        var callers: Int { splices.reduce(0) { $0 + $1.callers.count } }
    }

    private struct State {
        var listening: [String: Listening] = [:]
        var isStarted = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wake: WakeUp
    private let connect: @Sendable (Target) throws -> OwnedDescriptor
    private let log: Logger

    /// - Parameter connect: a non-blocking connection to the target's socket; must not block.
    init(log: Logger, connect: @escaping @Sendable (Target) throws -> OwnedDescriptor) throws(HostingError) {
        wake = try WakeUp()
        self.connect = connect
        self.log = log
    }

    /// Accepts on `socket` from now on, until `close`.
    func open(_ key: String, _ socket: OwnedDescriptor, _ target: Target) throws(HostingError) {
        let isFirst = state.withLock { state in
            state.listening[key] = Listening(socket: socket, target: target)
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if isFirst {
            // Ends with `closeAll`.
            try LongThread.start("zos-listen") { while self.turn() {} }
        } else {
            wake.ring()
        }
    }

    func isOpen(_ key: String) -> Bool { state.withLock { $0.listening[key] != nil } }

    /// Ends the listener and everything that came by it. Blocks until the socket is closed, for it keeps port and namespace.
    func close(_ key: String) {
        weak let socket = drop(key)
        // The thread may be polling it; it lets go with its next round.
        for _ in 0..<4000 where socket != nil { usleep(250) }
    }

    /// The same, without waiting for the socket to be closed.
    @discardableResult
    func drop(_ key: String) -> OwnedDescriptor? {
        defer { wake.ring() }
        return state.withLock { $0.listening.removeValue(forKey: key)?.socket }
    }

    /// Ends everything, the thread too.
    func closeAll() {
        state.withLock { state in
            state.listening = [:]
            state.isClosed = true
        }
        wake.ring()
    }

    /// One round of the thread. False when there is no more.
    private func turn() -> Bool {
        // What is polled stays open meanwhile, whoever closes it: a number must not become another file's.
        let (keys, held, asked) = state.withLock { state in
            var waits = [pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0)]
            let keys = state.listening.keys.sorted()
            for key in keys {
                guard let listening = state.listening[key] else { continue }
                waits.append(pollfd(fd: listening.socket.number, events: Int16(POLLIN), revents: 0))
                for splice in listening.splices { waits += splice.interests }
            }
            return (keys, state.listening, waits)
        }
        var waits = asked
        let isBusy = held.values.contains { !$0.splices.isEmpty }
        // Idle callers are looked for once a second.
        if poll(&waits, nfds_t(waits.count), isBusy ? 1000 : 60_000) < 0 && errno != EINTR { return false }
        if waits[0].revents != 0 { wake.clear() }
        let now = ContinuousClock.now
        return withExtendedLifetime(held) {
            state.withLock { state in
                var at = 1
                for key in keys {
                    guard let before = held[key] else { continue }
                    let events = waits[at..<(at + 1 + before.splices.reduce(0) { $0 + 1 + $1.callers.count })].map(
                        \.revents)
                    at += events.count
                    guard let current = state.listening[key], current.socket === before.socket else { continue }
                    state.listening[key] = serve(current, events, total: total(state), at: now)
                }
                return !state.isClosed
            }
        }
    }

    private func total(_ state: borrowing State) -> Int { state.listening.values.reduce(0) { $0 + $1.callers } }

    private func serve(
        _ listening: Listening, _ events: [Int16], total: Int, at now: ContinuousClock.Instant
    ) -> Listening {
        var listening = listening
        var at = 1
        for index in listening.splices.indices {
            let count = 1 + listening.splices[index].callers.count
            listening.splices[index].move(Array(events[at..<(at + count)]), at: now)
            at += count
        }
        listening.splices.removeAll(where: \.isOver)
        if events[0] & Int16(POLLIN) != 0 { accept(&listening, total: total, at: now) }
        return listening
    }

    private func accept(_ listening: inout Listening, total: Int, at now: ContinuousClock.Instant) {
        let accepted = zos_accept_now(listening.socket.number)
        guard accepted >= 0 else { return }
        let caller = OwnedDescriptor(taking: accepted)
        let target = listening.target
        guard listening.callers < target.limit, total < Self.limit else {
            log.info("caller turned away", metadata: ["instance": "\(target.identity.key)", "reason": "too many"])
            return
        }
        // Without it a caller that is gone is served until it is idle for too long.
        _ = zos_keep_alive(accepted)
        if target.sharing == .shared, let index = listening.splices.indices.last {
            listening.splices[index].join(caller, at: now)
            return
        }
        do {
            let upstream = try connect(target)
            listening.splices.append(
                Splice(target.sharing, upstream: upstream, caller: caller, idle: target.idle, at: now))
        } catch {
            log.info(
                "caller turned away", metadata: ["instance": "\(target.identity.key)", "reason": "\(error)"])
        }
    }
}
