import Logging
import RMB
import Synchronization
import Testing

@testable import Relay

/// A router with its neighbours, without any socket. Peers are tickets, what they get is taken from the switchboard.
final class RouterBench: Sendable {
    let twins = FakeTwins()
    let clock = TestClock()
    let transport = FakeTransport()
    let figures = RelayFigures()
    let switchboard: Switchboard
    let federation: Federation
    let router: RelayRouter
    private let tickets = Mutex<[RelayAddress: Switchboard.Ticket]>([:])

    init(_ change: (inout Relay.Configuration) throws -> Void = { _ in }) throws {
        var configuration = Relay.Configuration(names: ["here.test"])
        for name in ["there", "other"] {
            try configuration.remotes.add("\(name).test", at: "http://\(name)")
        }
        try change(&configuration)
        let clock = clock
        switchboard = Switchboard(configuration: configuration, figures: figures)
        federation = Federation(
            configuration: configuration, transport: transport, figures: figures, log: Logger(label: "test"),
            clock: { clock.now }, pause: { _ in clock.advance(1) })
        router = RelayRouter(
            configuration: configuration, directory: RelayTwins(source: twins), switchboard: switchboard,
            federation: federation, figures: figures, clock: { clock.now })
    }

    func connect(_ address: RelayAddress) throws {
        let ticket = try #require(switchboard.connect(address, Switchboard.Line(wake: {}, close: {})))
        tickets.withLock { $0[address] = ticket }
    }

    func received(_ address: RelayAddress) throws -> [RelayEnvelope] {
        let ticket = try #require(tickets.withLock { $0[address] })
        let taken = switchboard.take(for: address, ticket, atMost: 100, at: UInt64(clamping: clock.now.seconds))
        return try #require(taken).map { try RelayEnvelope(parsing: $0.bytes) }
    }

    /// Sends as a connected peer; returns the texts of the errors that came back.
    func send(_ envelope: RelayEnvelope, as sender: RelayAddress) async throws -> [String] {
        try await router.route(envelope.encoded, from: sender)
        return try errors(sender)
    }

    func errors(_ address: RelayAddress) throws -> [String] {
        try received(address).compactMap { envelope in
            guard case .error(0, let text) = envelope.message else { return nil }
            #expect(envelope.source == nil && envelope.signature == nil, "a relay has no address and no key")
            #expect(envelope.destination == address)
            return text
        }
    }

    func federating(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                await self.federation.run { self.router.report($1, of: $0.envelope, to: $0.sender) }
            }
            try await body()
            group.cancelAll()
        }
    }
}
