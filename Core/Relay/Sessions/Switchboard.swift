import RMB
import Synchronization

/// Hands envelopes to sessions: what comes for one goes through its mailbox, whether it is connected or not, so that
/// order is kept and a slow connection holds up nobody else.
final class Switchboard: Sendable {
    /// One connection, as the switchboard sees it.
    struct Line: Sendable {
        /// Says that something waits. Called often, from anywhere.
        let wake: @Sendable () -> Void
        /// Ends the connection.
        let close: @Sendable () -> Void
    }

    typealias Ticket = SessionRegistry<Line>.Ticket

    enum Delivery: Sendable, Equatable {
        /// In the mailbox of a connected session.
        case handed
        /// In the mailbox of a session that is away.
        case stored
        /// The session is away, and the envelope is not to wait.
        case absent
        /// No room.
        case full
    }

    /// Whether an envelope may wait for a session that is away.
    enum Waiting: Sendable { case allowed, refused }

    private struct State {
        var sessions: SessionRegistry<Line>
        var mailboxes: Mailboxes
        var isClosed = false
    }

    private let state: Mutex<State>
    private let figures: RelayFigures

    init(configuration: Relay.Configuration, figures: RelayFigures) {
        self.figures = figures
        state = Mutex(
            State(
                sessions: SessionRegistry(sessionsPerTwin: configuration.sessionsPerTwin),
                mailboxes: Mailboxes(limits: configuration.mailboxes)))
    }

    /// Connects a session; ends the connection that it had before.
    /// - Returns: nil if the twin has too many sessions, or the relay ends.
    func connect(_ peer: RelayAddress, _ line: Line) -> Ticket? {
        let admission = state.withLock { state in state.isClosed ? .tooMany : state.sessions.connect(peer, line) }
        guard case .admitted(let ticket, let replaced) = admission else { return nil }
        replaced?.close()
        line.wake()
        return ticket
    }

    func disconnect(_ peer: RelayAddress, _ ticket: Ticket) {
        state.withLock { state in _ = state.sessions.disconnect(peer, ticket) }
    }

    func isConnected(_ peer: RelayAddress) -> Bool { state.withLock { $0.sessions.connection(of: peer) != nil } }

    /// - Parameters:
    ///   - deadline: Unix seconds after which the envelope is not delivered any more.
    ///   - now: Unix seconds.
    func deliver(
        _ bytes: [UInt8], from source: UInt32, to peer: RelayAddress, deadline: UInt64, waiting: Waiting, at now: UInt64
    ) -> Delivery {
        let (delivery, line) = state.withLock { state -> (Delivery, Line?) in
            let line = state.sessions.connection(of: peer)
            guard line != nil || waiting == .allowed else { return (.absent, nil) }
            guard state.mailboxes.put(bytes, from: source, for: peer, deadline: deadline, at: now) else {
                return (.full, nil)
            }
            return (line == nil ? .stored : .handed, line)
        }
        line?.wake()
        return delivery
    }

    /// What is to be written next to a connection; nil if the session is no longer its own.
    func take(for peer: RelayAddress, _ ticket: Ticket, atMost limit: Int, at now: UInt64) -> [StoredEnvelope]? {
        state.withLock { state in
            guard state.sessions.owns(peer, ticket) else { return nil }
            let (envelopes, expired) = state.mailboxes.take(for: peer, atMost: limit, at: now)
            figures.count(.expired, expired)
            return envelopes
        }
    }

    /// Takes back what a connection could not write; the session's next connection gets it.
    func giveBack(_ envelopes: [StoredEnvelope], for peer: RelayAddress) {
        let line = state.withLock { state in
            state.mailboxes.giveBack(envelopes, for: peer)
            return state.sessions.connection(of: peer)
        }
        line?.wake()
    }

    /// Drops what is too old.
    func expire(at now: UInt64) {
        figures.count(.expired, state.withLock { $0.mailboxes.expire(at: now) })
    }

    /// Ends all connections and takes no more.
    func close() {
        let lines = state.withLock { state in
            state.isClosed = true
            return state.sessions.connections
        }
        for line in lines { line.close() }
    }

    /// Sessions that are connected, envelopes that wait, and their bytes.
    var occupancy: (sessions: Int, envelopes: Int, bytes: Int) {
        state.withLock { ($0.sessions.count, $0.mailboxes.count, $0.mailboxes.bytes) }
    }
}
