import Contracts
import JSON
import RMB
import Signatures
import Synchronization
import Testing

@testable import Relay

/// Nodes and users of this project at relays of this project.
@Suite("Peers at relays")
struct PeersTests {
    private let twins = FakeTwins()

    @Test("a user at one relay reaches a node at another, encrypted, and the answer comes back")
    func federation() async throws {
        let (node, user) = (try Member(2, relay: "a.test", twins), try Member(7, relay: "b.test", twins))
        // Each has to know where the other is, so one place is chosen before anybody listens there.
        let free = try await RunningRelay.with(twins, names: ["a.test"]) { $0 }
        try await RunningRelay.with(twins, names: ["b.test"]) {
            try $0.remotes.add("a.test", at: "http://127.0.0.1:\(free)")
        } _: { second in
            try await RunningRelay.with(twins, names: ["a.test"]) {
                $0.port = free
                try $0.remotes.add("b.test", at: "http://127.0.0.1:\(second)")
            } _: { first in
                try await node.run(at: ["a.test=ws://127.0.0.1:\(first)"]) { _ in
                    try await user.run(at: ["b.test=ws://127.0.0.1:\(second)"]) { caller in
                        for number in 0..<4 {
                            let answer = try await caller.call(
                                "echo.say", at: 2, payload: .string("\(number)"), timeout: .seconds(60))
                            #expect(answer == .string("\(number)"))
                        }
                    }
                }
            }
        }
        #expect(node.calls.count == 4)
    }

    @Test("of two relays one is killed while requests run: each is answered and none is done twice")
    func killedRelay() async throws {
        let (node, user) = (try Member(2, relay: "a.test_b.test", twins), try Member(7, relay: "a.test_b.test", twins))
        let port = Mutex(0)
        let doomed = Task { [twins] in
            try await RunningRelay.with(twins, names: ["a.test"]) { own in
                port.withLock { $0 = own }
                try await Task.sleep(for: .seconds(3600))
            }
        }
        defer { doomed.cancel() }
        try await eventually { port.withLock { $0 } != 0 }
        let first = port.withLock { $0 }
        try await RunningRelay.with(twins, names: ["b.test"]) { second in
            let relays = ["a.test=ws://127.0.0.1:\(first)", "b.test=ws://127.0.0.1:\(second)"]
            try await node.run(at: relays) { _ in
                try await user.run(at: relays) { caller in
                    let calls = (0..<8).map { number in
                        Task {
                            try await caller.call(
                                "echo.wait", at: 2, payload: .string("\(number)"), timeout: .seconds(120))
                        }
                    }
                    try await eventually { node.calls.count == 8 }
                    doomed.cancel()
                    _ = try? await doomed.value  // Ends with the cancellation.
                    node.open()
                    for (number, call) in calls.enumerated() {
                        let answer = try await call.value
                        #expect(answer == .string("\(number)"))
                    }
                }
            }
        }
        #expect(node.calls.count == 8)
    }
}

/// A twin with its key, and a peer of it.
private final class Member: Sendable {
    private struct Twins: TwinDirectory {
        let twins: FakeTwins

        func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
            do {
                return try await twins.twin(twin).map { .found(TwinRecord($0)) } ?? .absent
            } catch {
                return .unavailable(error.message)
            }
        }
    }

    private let identity: RMBIdentity
    private let encryption: EndToEndKey
    private let directory: CachedTwinDirectory
    private let list = Mutex<[String]>([])
    private let gate = AsyncStream.makeStream(of: Void.self)

    init(_ id: UInt32, relay: String, _ twins: FakeTwins) throws {
        let seed = Seed.random()
        identity = RMBIdentity(twin: id, key: KeyPair(seed: seed, scheme: .sr25519))
        encryption = try EndToEndKey(seed: seed)
        directory = CachedTwinDirectory(Twins(twins: twins))
        twins.add(
            Twin(
                id: id, account: AccountID(identity.key.publicKey), relay: relay, pk: HexBytes(encryption.publicKey)))
    }

    var calls: [String] { list.withLock { $0 } }
    func open() { gate.continuation.finish() }

    /// Runs the body once the peer is connected everywhere.
    func run(at relays: [String], _ body: @escaping @Sendable (RelayCaller) async throws -> Void) async throws {
        var configuration = RelayPeer.Configuration(relays: try relays.map { try RelayEndpoint($0) })
        configuration.reconnectPause = .milliseconds(20)
        let router = Router()
        router.register("echo.say") { request in
            self.list.withLock { $0.append(String(decoding: request.payload, as: UTF8.self)) }
            return try request.json()
        }
        router.register("echo.wait") { request in
            self.list.withLock { $0.append(String(decoding: request.payload, as: UTF8.self)) }
            for await _ in self.gate.stream {}
            return try request.json()
        }
        let peer = RelayPeer(
            configuration: configuration,
            services: RelayPeer.Services(
                identity: identity, encryption: encryption, directory: directory,
                senders: SenderCheck(keys: directory), desk: RequestDesk(router: router),
                replayGuard: try ReplayGuard(volatileCapacity: 256)))
        try await peer.whileRunning { caller in
            try await eventually { peer.figures.values.connected == relays.count }
            defer { self.open() }
            try await body(caller)
        }
    }
}

/// Waits for a condition; generous, because the machine may be slow.
private func eventually(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "waited a minute in vain")
        try await Task.sleep(for: .milliseconds(5))
    }
}
