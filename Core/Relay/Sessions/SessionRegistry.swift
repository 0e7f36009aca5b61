import RMB

/// Which sessions are connected here. Pure: whoever holds it closes what it names.
///
/// A second connection of the same session replaces the first. The first one's clean-up then finds that the entry is no
/// longer its own and leaves it (docs/spec/rmb-relay.md section 4 describes a relay that does not).
struct SessionRegistry<Connection> {
    /// Tells one connection from another, also of the same session.
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    enum Admission {
        /// Connected; `replaced` is the connection that has to be closed now.
        case admitted(Ticket, replaced: Connection?)
        /// The twin has as many sessions as it may have.
        case tooMany
    }

    private struct Entry {
        let ticket: Ticket
        let connection: Connection
    }

    private let sessionsPerTwin: Int
    private var entries: [RelayAddress: Entry] = [:]
    private var sessions: [UInt32: Int] = [:]
    private var lastNumber: UInt64 = 0

    init(sessionsPerTwin: Int) { self.sessionsPerTwin = sessionsPerTwin }

    var count: Int { entries.count }

    mutating func connect(_ peer: RelayAddress, _ connection: Connection) -> Admission {
        let replaced = entries[peer]?.connection
        guard replaced != nil || sessions[peer.twin, default: 0] < sessionsPerTwin else { return .tooMany }
        lastNumber &+= 1
        let ticket = Ticket(number: lastNumber)
        if replaced == nil { sessions[peer.twin, default: 0] += 1 }
        entries[peer] = Entry(ticket: ticket, connection: connection)
        return .admitted(ticket, replaced: replaced)
    }

    /// Forgets the session if it is still the ticket's. Returns whether it was.
    @discardableResult
    mutating func disconnect(_ peer: RelayAddress, _ ticket: Ticket) -> Bool {
        guard owns(peer, ticket) else { return false }
        entries[peer] = nil
        let left = sessions[peer.twin, default: 1] - 1
        sessions[peer.twin] = left > 0 ? left : nil
        return true
    }

    func owns(_ peer: RelayAddress, _ ticket: Ticket) -> Bool { entries[peer]?.ticket == ticket }

    func connection(of peer: RelayAddress) -> Connection? { entries[peer]?.connection }

    var connections: [Connection] { entries.values.map(\.connection) }
}
