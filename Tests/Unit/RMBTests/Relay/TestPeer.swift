import JSON
import Logging
import Signatures
import Synchronization
import Testing
import WebSockets

@testable import RMB

/// A peer that runs at some relays. `echo.say` answers with its payload, `echo.fail` with an error, `echo.wait` once
/// `release` is called.
struct TestPeer {
    let twin: TestTwins.Twin
    let peer: RelayPeer
    let caller: RelayCaller
    let calls: TestBus.Calls
    let gate: Gate

    final class Gate: Sendable {
        private let stream = AsyncStream.makeStream(of: Void.self)
        func open() { stream.continuation.finish() }
        func pass() async { for await _ in stream.stream {} }
    }

    /// Runs the body once the peer is connected to all its relays.
    static func run<Result>(
        _ twin: TestTwins.Twin, _ twins: TestTwins, at relays: [WebSocketAddress], isEncrypting: Bool = true,
        waits: Bool = true, time: SharedTime? = nil,
        _ change: (inout RelayPeer.Configuration) throws -> Void = { _ in },
        _ body: (TestPeer) async throws -> Result
    ) async throws -> Result {
        var configuration = RelayPeer.Configuration(
            relays: relays.map { RelayEndpoint(name: "relay.example.test", address: $0) })
        configuration.reconnectPause = .milliseconds(20)
        try change(&configuration)
        let (calls, gate) = (TestBus.Calls(), Gate())
        let router = Router()
        router.register("echo.say") { request in
            calls.add("\(request.caller.id):\(String(decoding: request.payload, as: UTF8.self))")
            return try request.json()
        }
        router.register("echo.fail") { _ in throw CallError("it failed") }
        router.register("echo.wait") { request in
            calls.add("\(request.caller.id):waits")
            await gate.pass()
            return "waited"
        }
        let clock: WallClock = { time?.now ?? UnixTime.now() }
        let directory = CachedTwinDirectory(twins, clock: clock)
        let peer = RelayPeer(
            configuration: configuration,
            services: RelayPeer.Services(
                identity: twin.identity, encryption: isEncrypting ? twin.encryption : nil, directory: directory,
                senders: SenderCheck(keys: directory), desk: RequestDesk(router: router),
                replayGuard: try ReplayGuard(volatileCapacity: 1024), clock: clock))
        let test = TestPeer(twin: twin, peer: peer, caller: RelayCaller(peer), calls: calls, gate: gate)
        let task = Task { await peer.run() }
        do {
            if waits { try await eventually { peer.figures.values.connected == relays.count } }
            let result = try await body(test)
            gate.open()
            task.cancel()
            await task.value
            return result
        } catch {
            gate.open()
            task.cancel()
            await task.value
            throw error
        }
    }

    var address: RelayAddress { peer.own }

    /// How a call fails; nil if it does not.
    func failure(
        _ command: String, at twin: UInt32 = 2, payload: JSONValue = .null, timeout: Duration = .seconds(60)
    ) async -> RMBError? {
        do throws(RMBError) {
            _ = try await caller.call(command, at: twin, payload: payload, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }
}

/// Waits for a condition; generous, because the machine may be slow.
func eventually(
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "waited a minute in vain", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(5))
    }
}
