import CHost
import Glibc
import Hosting
import JSON
import Logging
import Signatures
import Synchronization

/// The node's place on the Yggdrasil overlay: a program of its own that outlives the node, as companions of plugins do, with
/// the node's own key, so that the address follows from the node's identity (docs/overlay.md).
///
/// The program runs as a user of its own with NET_ADMIN alone. Its configuration, with the secret key in it, is handed to it
/// in a sealed memory file.
public final class Overlay: Sendable {
    /// Longest path of a UNIX socket.
    private static let socketPathLimit = 107
    /// Pauses between looks at the program, and after a start that failed.
    private static let interval = Duration.seconds(2)
    private static let longestPause = Duration.seconds(60)
    private static let socket = "admin.sock"

    private let settings: OverlaySettings
    private let key: KeyPair
    private let companions: CompanionRunner
    private let log: Logger
    private let isWanted = Atomic(true)

    /// - Parameter key: an ed25519 key; the overlay knows no other kind.
    public init(settings: OverlaySettings, key: KeyPair, companions: CompanionRunner, log: Logger) {
        self.settings = settings
        self.key = key
        self.companions = companions
        self.log = log
    }

    public var address: OverlayAddress { OverlayAddress(key.publicKey) }

    /// Starts the program unless it runs already.
    /// - Throws: what keeps it from running, in words.
    public func start() async throws {
        let program = try NodeProgram(name: "overlay", Self.specification(settings))
        let socket = companions.folder(of: program) + "/" + Self.socket
        let admin = socket.utf8.count <= Self.socketPathLimit ? socket : nil
        let started = try await companions.start(
            program, slots: ["configuration": .string(settings.configuration(key: key, admin: admin))],
            network: try settings.namespace.map(Self.open))
        if started { log.notice("overlay started", metadata: ["address": "\(address)"]) }
    }

    /// Keeps the program running until the task is cancelled, and it goes on then, or until `end`.
    public func run() async {
        var pause = Self.interval
        while !Task.isCancelled, isWanted.load(ordering: .acquiring) {
            do {
                try await start()
                // It may have been ended while it was started.
                if !isWanted.load(ordering: .acquiring) { try await Self.end(companions) }
                pause = Self.interval
            } catch {
                log.warning("the overlay does not run", metadata: ["error": "\(error)"])
                pause = min(pause * 2, Self.longestPause)
            }
            try? await Task.sleep(for: pause)  // Cancellation shows in the loop's condition.
        }
    }

    /// Ends the program for good.
    public func end() async throws {
        isWanted.store(false, ordering: .releasing)
        try await Self.end(companions)
    }

    /// Ends the program, if it runs.
    public static func end(_ companions: CompanionRunner) async throws {
        try await companions.remove(try NodeProgram(name: "overlay", specification(OverlaySettings())))
    }

    private static func open(_ path: String) throws -> OwnedDescriptor {
        let descriptor = zos_namespace_open(path)
        guard descriptor >= 0 else {
            throw HostingError(
                .unavailable, "the overlay's network namespace \(path): \(String(cString: strerror(-descriptor)))")
        }
        return OwnedDescriptor(taking: descriptor)
    }

    private static func specification(_ settings: OverlaySettings) -> JSONValue {
        [
            "id": "overlay", "program": .string(settings.program),
            "arguments": ["-useconffile", ["slot": "configuration", "type": "file", "max": 65536]],
            "capabilities": ["NET_ADMIN"],
            "network": settings.namespace == nil ? "node" : ["slot": "network"],
            "limits": ["memory": 268_435_456, "processes": 64, "output": 1_048_576],
        ]
    }
}
