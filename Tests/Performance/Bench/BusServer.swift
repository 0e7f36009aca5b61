import Foundation
import JSON
import RMB
import Signatures

/// The bus under load, in a process of its own so that its processor time is nobody else's.
enum BusServer {
    static let twin: UInt32 = 2
    static let callerTwin: UInt32 = 7
    static let command = "bench.echo"

    struct Keys: TwinKeys {
        let keys: [UInt32: PublicKey]
        func publicKey(of twin: UInt32, freshness: KeyFreshness) async -> KeyLookup {
            keys[twin].map(KeyLookup.found) ?? .absent
        }
    }

    /// A key that both processes can make; it guards nothing.
    static func key(of twin: UInt32) throws -> KeyPair {
        KeyPair(seed: try Seed(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: twin), count: 32)), scheme: .ed25519)
    }

    static func keys() throws -> Keys {
        Keys(keys: [twin: try key(of: twin).publicKey, callerTwin: try key(of: callerTwin).publicKey])
    }

    /// All traffic comes from one address, which is exactly what the limit per source is against.
    static var configuration: RMBServer.Configuration {
        var configuration = RMBServer.Configuration()
        configuration.listeners = [.address("127.0.0.1", port: 0)]
        configuration.requestsPerSecond = 1e9
        configuration.burst = 1e9
        return configuration
    }

    /// Reads the caller's port and a folder from standard input, prints its own port, serves until the input ends.
    static func serve() async throws {
        guard let port = readLine().flatMap(Int.init), let folder = readLine() else { throw BenchError("no orders") }
        let router = Router()
        router.register(command) { try $0.json() }
        let services = RMBServer.Services(
            identity: RMBIdentity(twin: twin, key: try key(of: twin)), keys: try keys(),
            addresses: FixedTwinAddresses([callerTwin: PeerAddress(host: "127.0.0.1", port: port)]), router: router,
            replayGuard: try ReplayGuard(path: folder + "/replay.guard"))
        let server = RMBServer(configuration: configuration, services: services)
        guard let own = try await server.listen().first else { throw BenchError("no listener") }
        print(own.port)
        fflush(nil)
        let running = Task { await server.run() }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while readLine() != nil {}
                continuation.resume()
            }
        }
        running.cancel()
        await running.value
        await services.connections.close()
    }
}
