import WebSockets

/// Which endpoint is tried next, and when (docs/spec/tfchain.md section 9). Pure: shuffled by whoever makes it.
struct EndpointRoster {
    /// Why an endpoint was not taken.
    enum Refusal: Hashable {
        /// No connection, or it answered nonsense.
        case unusable
        /// Its chain is behind the clock by this much.
        case stale(Duration)
    }

    /// What to do next.
    enum Step: Equatable {
        case attempt(WebSocketAddress, after: Duration)
        /// Every endpoint looks stale, so the clock is the suspect: take this one, the freshest.
        case takeAnyway(WebSocketAddress)
    }

    /// Rounds over all endpoints before it backs off.
    static let rounds = 2

    private var addresses: [WebSocketAddress]
    private let pause: Duration
    private let backOff: ClosedRange<Duration>
    private var position = 0
    private var attempts = 0
    private var wait: Duration
    private var lags: [WebSocketAddress: Duration] = [:]

    /// - Parameter addresses: not empty, in the order in which they are tried.
    init(_ addresses: [WebSocketAddress], pause: Duration, backOff: ClosedRange<Duration>) {
        precondition(!addresses.isEmpty, "a chain needs an endpoint")
        self.addresses = addresses
        self.pause = pause
        self.backOff = backOff
        wait = backOff.lowerBound
    }

    /// The first attempt of an effort: after the start, or when a connection was lost.
    mutating func begin() -> Step {
        attempts = 0
        wait = backOff.lowerBound
        lags = [:]
        return .attempt(advance(), after: .zero)
    }

    /// A connection that was good is lost. One that held for a while counts for nothing; an endpoint that lets go again
    /// and again is like one that cannot be used, so that nobody goes round without a pause.
    mutating func lost(_ address: WebSocketAddress, after life: Duration) -> Step {
        life >= backOff.upperBound ? begin() : refused(address, .unusable)
    }

    /// An attempt came to nothing.
    mutating func refused(_ address: WebSocketAddress, _ refusal: Refusal) -> Step {
        switch refusal {
        case .unusable: lags[address] = nil
        case .stale(let lag): lags[address] = lag
        }
        attempts += 1
        if lags.count == addresses.count, let freshest = lags.min(by: { $0.value < $1.value }) {
            lags = [:]
            return .takeAnyway(freshest.key)
        }
        guard attempts % (Self.rounds * addresses.count) == 0 else { return .attempt(advance(), after: pause) }
        defer { wait = min(wait * 2, backOff.upperBound) }
        return .attempt(advance(), after: wait)
    }

    /// Another list counts from the next attempt on.
    mutating func replace(_ list: [WebSocketAddress]) {
        guard !list.isEmpty else { return }
        addresses = list
        position = 0
        lags = [:]
    }

    private mutating func advance() -> WebSocketAddress {
        defer { position = (position + 1) % addresses.count }
        return addresses[position % addresses.count]
    }
}
