import Contracts
import Foundation
import RMB
import Relay
import Signatures

/// The ends of messages by relay, each in a process of its own so that its processor time is nobody else's.
enum RelayPeers {
    static let relay = "relay.bench"

    /// A key that all processes can make; it guards nothing.
    private static func seed(of twin: UInt32) throws -> Seed {
        try Seed(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: twin), count: 32))
    }

    static func identity(of twin: UInt32) throws -> RMBIdentity {
        RMBIdentity(twin: twin, key: KeyPair(seed: try seed(of: twin), scheme: .ed25519))
    }

    static func encryption(of twin: UInt32) throws -> EndToEndKey { try EndToEndKey(seed: try seed(of: twin)) }

    /// The twins 1 and 2, which is how a new ledger counts them.
    struct Twins: TwinDirectory {
        func record(of twin: UInt32, freshness: KeyFreshness) async -> TwinLookup {
            guard let identity = try? identity(of: twin), let encryption = try? encryption(of: twin) else {
                return .absent
            }
            return .found(
                TwinRecord(
                    key: identity.key.publicKey, relay: RelayPeers.relay, encryptionKey: encryption.publicKey))
        }
    }

    static func peer(_ twin: UInt32, relayPort: Int, router: Router, replays: ReplayGuard) throws -> RelayPeer {
        let directory = CachedTwinDirectory(Twins())
        var configuration = RelayPeer.Configuration(
            relays: [try RelayEndpoint("\(relay)=ws://127.0.0.1:\(relayPort)")])
        // All requests come from one twin, which is exactly what the limit per twin is against.
        configuration.requestsPerSecond = 1e9
        configuration.burst = 1e9
        return RelayPeer(
            configuration: configuration,
            services: RelayPeer.Services(
                identity: try identity(of: twin), encryption: try encryption(of: twin), directory: directory,
                senders: SenderCheck(keys: directory), desk: RequestDesk(router: router), replayGuard: replays))
    }

    /// Reads a folder from standard input, prints the relay's port, serves until the input ends.
    static func serveRelay() async throws {
        guard let folder = readLine() else { throw BenchError("no orders") }
        var genesis = LedgerGenesis()
        genesis.twins = try [UInt32(1), 2].map { twin in
            LedgerGenesis.Twin(
                AccountID(try identity(of: twin).key.publicKey), relay: relay,
                pk: HexBytes(try encryption(of: twin).publicKey))
        }
        let ledger = try EmbeddedLedger(path: folder + "/ledger.db", genesis: genesis)
        var configuration = Relay.Configuration(names: [relay])
        configuration.host = "127.0.0.1"
        let server = try Relay(configuration: configuration, ledger: ledger)
        print(try await server.listen())
        try await serve { await server.run() }
    }

    /// Reads a folder and the relay's port from standard input, prints its own process, serves until the input ends.
    static func serveNode() async throws {
        guard let folder = readLine(), let port = readLine().flatMap(Int.init) else { throw BenchError("no orders") }
        let router = Router()
        router.register(BusServer.command) { try $0.json() }
        let peer = try peer(
            2, relayPort: port, router: router, replays: try ReplayGuard(path: folder + "/relay-replay.guard"))
        print(getpid())
        try await serve { await peer.run() }
    }

    private static func serve(_ run: @escaping @Sendable () async -> Void) async throws {
        fflush(nil)
        let running = Task { await run() }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while readLine() != nil {}
                continuation.resume()
            }
        }
        running.cancel()
        await running.value
    }
}

/// One of these processes.
final class RelayProcess {
    private let process = Process()
    private let input = Pipe()
    /// What it printed first.
    let number: Int

    init(_ role: String, _ orders: [String]) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.own)
        process.arguments = ["--role", role]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data((orders.joined(separator: "\n") + "\n").utf8))
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let number = Int(line.filter(\.isNumber)) else { throw BenchError("the process '\(role)' did not start") }
        self.number = number
    }

    var pid: Int32 { process.processIdentifier }

    func end() {
        try? input.fileHandleForWriting.close()  // Closed already is as good.
        process.waitUntilExit()
    }
}
