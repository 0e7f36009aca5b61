import Glibc

/// Callers joined to a companion's socket, byte for byte. Touches nothing but its sockets and never blocks.
struct Splice: Sendable {
    /// Who is behind the companion's socket.
    enum Sharing: String, Sendable, Codable {
        /// A connection of its own for each caller.
        case each
        /// One connection for all: what the companion writes goes to every caller, and what any of them writes goes to it.
        case shared
    }

    /// What a caller of a shared socket may be behind before it is let go.
    static let lag = 256 << 10
    /// How long a caller is served that said that it sends nothing more, with nothing coming for it.
    static let linger: Duration = .seconds(10)

    let sharing: Sharing
    let idle: Duration
    private(set) var upstream: SplicedSocket
    private(set) var callers: [SplicedSocket]

    init(
        _ sharing: Sharing, upstream: OwnedDescriptor, caller: OwnedDescriptor, idle: Duration,
        at now: ContinuousClock.Instant
    ) {
        self.sharing = sharing
        self.idle = idle
        self.upstream = SplicedSocket(upstream, at: now)
        callers = [SplicedSocket(caller, at: now)]
    }

    mutating func join(_ caller: OwnedDescriptor, at now: ContinuousClock.Instant) {
        callers.append(SplicedSocket(caller, at: now))
    }

    /// Nobody is served any more.
    var isOver: Bool { callers.isEmpty }

    /// What to poll for, the companion's socket first.
    var interests: [pollfd] {
        let mayHear = sharing == .shared || callers.allSatisfy { $0.waiting < SplicedSocket.bound }
        let mayTell = upstream.waiting < SplicedSocket.bound
        return [(upstream, mayHear)].map(Self.interest) + callers.map { Self.interest($0, mayTell) }
    }

    private static func interest(_ socket: SplicedSocket, _ mayRead: Bool) -> pollfd {
        pollfd(fd: socket.socket.number, events: socket.interest(mayRead: mayRead), revents: 0)
    }

    /// Moves what can be moved.
    /// - Parameter events: the answers to `interests`, in its order; callers that joined since have none.
    mutating func move(_ events: [Int16], at now: ContinuousClock.Instant) {
        let urgent = Int16(POLLHUP | POLLERR)
        let asked = interests
        func isReady(_ index: Int) -> Bool {
            guard index < events.count, index < asked.count else { return false }
            return events[index] & (Int16(POLLIN) | urgent) != 0 && asked[index].events & Int16(POLLIN) != 0
        }
        if isReady(0) {
            let bytes = upstream.receive(at: now)
            for index in callers.indices { callers[index].queue(bytes) }
        }
        for index in callers.indices where isReady(index + 1) { upstream.queue(callers[index].receive(at: now)) }
        upstream.flush(at: now)
        for index in callers.indices {
            callers[index].flush(at: now)
            if upstream.hasEnded || upstream.isBroken { callers[index].shut() }
        }
        if sharing == .each, callers.allSatisfy({ $0.hasEnded || $0.isBroken }) { upstream.shut() }
        // Both sides hung up: nothing can be read or written any more.
        for (index, event) in events.enumerated() where event & Int16(POLLERR) != 0 || event & Int16(POLLNVAL) != 0 {
            if index == 0 { callers = [] } else if index <= callers.count { _ = callers[index - 1].receive(at: now) }
        }
        callers = callers.filter { !isFinished($0, at: now) }
    }

    private func isFinished(_ caller: SplicedSocket, at now: ContinuousClock.Instant) -> Bool {
        if caller.isDone || upstream.isBroken { return true }
        let silence = now - caller.lastMoved
        switch sharing {
        case .each: return min(silence, now - upstream.lastMoved) >= idle
        case .shared:
            // The companion's end is everybody's, once they have heard the rest.
            if caller.isShut || caller.waiting > Self.lag { return true }
            return silence >= (caller.hasEnded ? min(idle, Self.linger) : idle)
        }
    }
}
