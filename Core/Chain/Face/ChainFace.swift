import Contracts
import Logging
import Substrate
import WebSockets

/// The embedded ledger as a chain: JSON-RPC 2.0 over WebSocket, with the metadata, storage keys and extrinsics of tfchain,
/// for any client that speaks to Substrate chains (docs/spec/ledger.md section 1).
///
/// It offers what the chain offers to everybody: reads, and calls that their accounts signed. The administrator's operations
/// are not reachable through it.
public struct ChainFace: Sendable {
    /// Connections at a time.
    private static let connectionLimit = 128
    /// Longest request in bytes; calls have a few kilobytes.
    private static let messageLimit = 1 << 20
    /// Keeps the connection in the tables of routers, and finds out in the end that nobody is there.
    private static let pingAfter = Duration.seconds(60)
    /// Clients that block between two requests answer no pings meanwhile.
    private static let deadAfter = Duration.seconds(24 * 3600)

    /// Where it listens.
    public enum Place: Sendable {
        /// - Parameter port: 0 for one that the system chooses.
        case address(host: String, port: Int)
        /// A socket that listens already; it is taken over.
        case descriptor(Int32)

        /// A port of the loopback device.
        public static func loopback(port: Int) -> Place { .address(host: "127.0.0.1", port: port) }
    }

    private let methods: FaceMethods
    private let server: WebSocketServer
    private let log: Logger

    /// Begins to listen; `run` serves.
    /// - Parameter version: what the program calls itself.
    /// - Throws: `WebSocketError` naming the address, `SubstrateError`.
    public init(
        ledger: EmbeddedLedger, at place: Place, version: String, log: Logger
    ) async throws {
        let runtime = try EmbeddedRuntime()
        methods = FaceMethods(
            ledger: ledger, runtime: runtime, storage: try FaceStorage(ledger: ledger, runtime: runtime),
            blocks: FaceBlocks(ledger: ledger, runtime: runtime), programVersion: version)
        var configuration = WebSocketServer.Configuration()
        switch place {
        case .address(let host, let port):
            configuration.host = host
            configuration.port = port
        case .descriptor(let descriptor): configuration.descriptor = descriptor
        }
        configuration.connectionLimit = Self.connectionLimit
        configuration.settings = WebSocketSettings(messageLimit: Self.messageLimit)
        configuration.settings.pingAfter = Self.pingAfter
        configuration.settings.deadAfter = Self.deadAfter
        server = try await WebSocketServer(configuration)
        self.log = log
    }

    /// The port that it listens on.
    public var port: Int { server.port }

    /// Serves until the task is cancelled.
    public func run() async throws {
        log.notice("the ledger answers as a chain", metadata: ["port": "\(port)"])
        try await server.run(
            WebSocketServer.Service { _, socket in try await FaceSession(methods: methods, socket: socket).run() })
    }
}
