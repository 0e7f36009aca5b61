import JSON
import RMB
import Signatures
import Synchronization
import Testing

@testable import Client

@Suite("Ways to a twin")
struct RoutedCallerTests {
    /// Answers everything, or fails with an error; writes down what it was asked.
    private final class Line: RMBCaller {
        let heard = Mutex<[String]>([])
        let failure: Mutex<RMBError?>
        init(_ failure: RMBError? = nil) { self.failure = Mutex(failure) }

        func call(
            _ command: String, at twin: UInt32, payload: JSONValue, timeout: Duration
        ) async throws(RMBError) -> JSONValue {
            heard.withLock { $0.append(command) }
            if let failure = failure.withLock({ $0 }) { throw failure }
            return .string(command)
        }

        var commands: [String] { heard.withLock { $0 } }
    }

    private final class Clock: Sendable {
        private let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        func now() -> ContinuousClock.Instant { start + passed.withLock { $0 } }
    }

    private let known = FixedTwinAddresses([7: PeerAddress(host: "127.0.0.1", port: 1)])

    @Test("a twin whose address answers is called directly, after one question")
    func direct() async throws {
        let (line, relay) = (Line(), Line())
        let caller = RoutedCaller(direct: line, addresses: known, relay: relay)
        for _ in 0..<2 { _ = try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9)) }
        #expect(line.commands == ["zos.system.version", "a.b", "a.b"])
        #expect(relay.commands.isEmpty)
    }

    @Test(
        "a twin without address, or whose address is dead, is called over its relays, and the request goes one way only"
    )
    func relayed() async throws {
        let (line, relay) = (Line(RMBError(.unreachable, "no route")), Line())
        let caller = RoutedCaller(direct: line, addresses: known, relay: relay)
        _ = try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9))
        _ = try await caller.call("a.b", at: 8, payload: .null, timeout: .seconds(9))
        #expect(line.commands == ["zos.system.version"])
        #expect(relay.commands == ["a.b", "a.b"])
    }

    @Test("the choice is made again after a while, so that a way that comes back is used")
    func again() async throws {
        let clock = Clock()
        let (line, relay) = (Line(RMBError(.timedOut, "no answer")), Line())
        let caller = RoutedCaller(direct: line, addresses: known, relay: relay, now: { clock.now() })
        _ = try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9))
        line.failure.withLock { $0 = nil }
        _ = try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9))
        clock.passed.withLock { $0 = .seconds(61) }
        _ = try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9))
        #expect(relay.commands.count == 2)
        #expect(line.commands == ["zos.system.version", "zos.system.version", "a.b"])
    }

    @Test("a refusal is an answer: the way works")
    func refused() async throws {
        let line = Line(RMBError(.remote, "unauthorized"))
        let caller = RoutedCaller(direct: line, addresses: known, relay: Line())
        await #expect(throws: RMBError.self) {
            try await caller.call("a.b", at: 7, payload: .null, timeout: .seconds(9))
        }
        #expect(line.commands == ["zos.system.version", "a.b"])
    }

    @Test("without relays everything goes directly, with no question before")
    func alone() async throws {
        let line = Line()
        let caller = RoutedCaller(direct: line, addresses: known, relay: nil)
        _ = try await caller.call("a.b", at: 9, payload: .null, timeout: .seconds(9))
        #expect(line.commands == ["a.b"])
    }

    @Test("the first source that knows an address decides; one that cannot say hides none that can")
    func sources() async {
        struct Mute: TwinAddresses {
            func address(of twin: UInt32) async -> AddressLookup { .unavailable("away") }
        }
        let addresses = KnownAddresses([Mute(), known, FixedTwinAddresses([7: PeerAddress(host: "::1", port: 2)])])
        #expect(await addresses.address(of: 7) == .found(PeerAddress(host: "127.0.0.1", port: 1)))
        #expect(await addresses.address(of: 8) == .unavailable("away"))
        #expect(await KnownAddresses([known]).address(of: 8) == .absent)
    }
}

@Suite("Addresses in the Yggdrasil network")
struct PlanetaryAddressTests {
    @Test("follow from the account's key; a twin that does not exist has none")
    func derivation() async throws {
        try await ClientFixture.with { fixture in
            let addresses = PlanetaryAddresses(ledger: fixture.ledger)
            let expected = PeerAddress(host: OverlayAddress(fixture.key.publicKey).description, port: 8051)
            #expect(await addresses.address(of: 3) == .found(expected))
            #expect(await addresses.address(of: 99) == .absent)
        }
    }
}
