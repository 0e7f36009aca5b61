import JSON
import Signatures
import Synchronization
import Testing

@testable import RMB

/// Account keys and addresses of the twins of one test.
final class TestLedger: TwinKeys, TwinAddresses {
    struct State {
        var keys: [UInt32: PublicKey] = [:]
        var addresses: [UInt32: PeerAddress] = [:]
        var outage: String?
    }

    let state = Mutex(State())

    func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
        state.withLock { state in
            if let outage = state.outage { return .unavailable(outage) }
            return state.keys[twin].map(KeyLookup.found) ?? .absent
        }
    }

    func address(of twin: UInt32) async -> AddressLookup {
        state.withLock { $0.addresses[twin].map(AddressLookup.found) ?? .absent }
    }

    func identity(_ twin: UInt32, _ scheme: KeyScheme = .ed25519) -> RMBIdentity {
        let identity = RMBIdentity(twin: twin, key: .generate(scheme: scheme))
        state.withLock { $0.keys[twin] = identity.key.publicKey }
        return identity
    }
}

/// A twin with a real server on a free loopback port. `echo.say` answers with its payload; what it is called with is
/// recorded.
struct TestBus {
    let identity: RMBIdentity
    let services: RMBServer.Services
    let server: RMBServer
    let address: PeerAddress
    let calls: Calls

    final class Calls: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        var all: [String] { list.withLock { $0 } }
    }

    /// Runs the body while the bus serves.
    static func run<Result>(
        _ identity: RMBIdentity, on ledger: TestLedger, configuration: RMBServer.Configuration = .loopback(),
        clock: @escaping WallClock = UnixTime.now, _ body: (TestBus) async throws -> Result
    ) async throws -> Result {
        let router = Router()
        let calls = Calls()
        router.register("echo.say") { request in
            calls.add("\(request.caller.id):\(String(decoding: request.payload, as: UTF8.self))")
            return try request.json()
        }
        router.register("echo.fail") { _ in throw CallError("it failed") }
        let services = RMBServer.Services(
            identity: identity, keys: ledger, addresses: ledger, router: router,
            replayGuard: try ReplayGuard(volatileCapacity: 1024), clock: clock)
        let server = RMBServer(configuration: configuration, services: services)
        let address = try #require(try await server.listen().first)
        ledger.state.withLock { $0.addresses[identity.twin] = address }
        let bus = TestBus(identity: identity, services: services, server: server, address: address, calls: calls)
        let task = Task { await server.run() }
        do {
            let result = try await body(bus)
            task.cancel()
            await task.value
            await services.connections.close()
            return result
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }

    /// A signed request to this bus that is in order in every way; change it before signing.
    func message(
        from sender: RMBIdentity, command: String = "echo.say", payload: String = "\"hi\"",
        _ change: (inout RMBMessage) -> Void = { _ in }
    ) -> RMBMessage {
        var message = RMBMessage()
        message.uid = UUIDText.random()
        message.command = command
        message.data = Base64.encode(Array(payload.utf8))
        message.source = Int64(sender.twin)
        message.destinations = [Int64(identity.twin)]
        change(&message)
        message.sign(with: sender.key, at: services.clock())
        return message
    }

    func post(_ message: RMBMessage, to door: Door = .request) async throws -> (status: UInt, text: String) {
        try await post(message.encoded, path: door.rawValue)
    }

    /// Posts the message and expects this answer.
    func expect(
        _ message: RMBMessage, to door: Door = .request, status: UInt? = nil, text: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await post(message, to: door)
        if let status { #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation) }
        if let text { #expect(answer.text == text, sourceLocation: sourceLocation) }
    }

    func post(_ body: [UInt8], path: String) async throws -> (status: UInt, text: String) {
        let answer = try await services.connections.post(body, to: address, path: path, contentType: nil)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    /// A call of this bus over its own listener.
    func caller(retries: Int = 0, retryInterval: Duration = .milliseconds(20)) -> DirectCaller {
        DirectCaller(
            identity: identity, addresses: services.addresses, connections: services.connections,
            backlog: services.backlog, retries: retries, retryInterval: retryInterval, clock: services.clock)
    }
}

extension RMBServer.Configuration {
    static func loopback(_ host: String = "127.0.0.1") -> RMBServer.Configuration {
        var configuration = RMBServer.Configuration()
        configuration.listeners = [.address(host, port: 0)]
        return configuration
    }
}

func refusal(_ text: String) -> String { "{\"Status\":\"error\",\"Message\":\"\(text)\"}\n" }
let accepted = "{\"status\": \"accepted\"}"
