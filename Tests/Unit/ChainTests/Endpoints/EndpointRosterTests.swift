import Testing
import WebSockets

@testable import Chain

@Suite("Endpoint roster")
struct EndpointRosterTests {
    private static let addresses = (1...3).map { WebSocketAddress(host: "endpoint\($0)", port: 9944) }

    private func roster(_ count: Int = 3) -> EndpointRoster {
        EndpointRoster(
            Array(Self.addresses.prefix(count)), pause: .milliseconds(200), backOff: .seconds(1) ... .seconds(30))
    }

    @Test("goes round twice with short pauses, then backs off from one second to thirty, for ever")
    func backOff() {
        var roster = roster()
        guard case .attempt(var address, let first) = roster.begin() else { return }
        #expect(address == Self.addresses[0] && first == .zero)
        var pauses: [Duration] = []
        var order = [address]
        for _ in 0..<42 {
            guard case .attempt(let next, let pause) = roster.refused(address, .unusable) else { return }
            address = next
            order.append(next)
            pauses.append(pause)
        }
        #expect(order.prefix(7).map(\.host) == ["1", "2", "3", "1", "2", "3", "1"].map { "endpoint\($0)" })
        let long = pauses.enumerated().filter { $0.offset % 6 == 5 }.map(\.element)
        #expect(long == [1, 2, 4, 8, 16, 30, 30].map(Duration.seconds))
        #expect(pauses.filter { $0 == .milliseconds(200) }.count == 35)
    }

    @Test("after a connection that held it begins anew, with the next endpoint and without a pause")
    func lost() {
        var roster = roster()
        _ = roster.begin()
        for _ in 0..<6 { _ = roster.refused(Self.addresses[0], .unusable) }
        #expect(roster.lost(Self.addresses[0], after: .seconds(30)) == .attempt(Self.addresses[1], after: .zero))
    }

    @Test("an endpoint that accepts and lets go at once is not connected to without end and pause")
    func flapping() {
        var roster = roster(1)
        _ = roster.begin()
        let pauses = (0..<4).map { _ in roster.lost(Self.addresses[0], after: .seconds(1)) }
        #expect(
            pauses
                == [.milliseconds(200), .seconds(1), .milliseconds(200), .seconds(2)].map {
                    .attempt(Self.addresses[0], after: $0)
                })
    }

    @Test("when every endpoint looks stale, the freshest is taken; one that cannot be reached is no witness")
    func stale() {
        var roster = roster()
        _ = roster.begin()
        #expect(
            roster.refused(Self.addresses[0], .stale(.seconds(100)))
                == .attempt(Self.addresses[1], after: .milliseconds(200)))
        #expect(roster.refused(Self.addresses[1], .unusable) == .attempt(Self.addresses[2], after: .milliseconds(200)))
        #expect(
            roster.refused(Self.addresses[2], .stale(.seconds(20)))
                == .attempt(Self.addresses[0], after: .milliseconds(200)))
        #expect(
            roster.refused(Self.addresses[0], .stale(.seconds(101)))
                == .attempt(Self.addresses[1], after: .milliseconds(200)))
        #expect(roster.refused(Self.addresses[1], .stale(.seconds(30))) == .takeAnyway(Self.addresses[2]))
        // It is asked again in earnest afterwards.
        guard case .attempt = roster.refused(Self.addresses[2], .stale(.seconds(20))) else {
            Issue.record("taken for good")
            return
        }
    }

    @Test("another list counts from the next attempt on, an empty one does not")
    func replacing() {
        var roster = roster(1)
        _ = roster.begin()
        roster.replace([])
        #expect(roster.begin() == .attempt(Self.addresses[0], after: .zero))
        roster.replace([Self.addresses[2]])
        #expect(roster.begin() == .attempt(Self.addresses[2], after: .zero))
    }
}
