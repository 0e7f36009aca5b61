import Glibc

/// Where a node keeps what it must not lose and what it may. All of it can be moved as one root.
public struct StateFolder: Sendable {
    /// Durable: databases, identity, plugins, pools.
    public let state: String
    /// Gone after a reboot: sockets, companions, namespaces.
    public let run: String

    public init(state: String, run: String) {
        self.state = state
        self.run = run
    }

    public var database: String { state + "/node.db" }
    public var ledger: String { state + "/ledger.db" }
    public var registration: String { state + "/registration.json" }
    public var identity: String { state + "/identity" }
    public var plugins: String { state + "/plugins" }
    public var pool: String { state + "/pools/main" }
    public var folders: String { state + "/pools/main/plugins" }
    public var images: String { state + "/pools/main/images" }
    public var uids: String { state + "/uids" }
    public var replayGuard: String { state + "/replay.guard" }
    public var relayGuard: String { state + "/relay.guard" }
    public var companions: String { run + "/companions" }
    public var namespaces: String { run + "/netns" }
    public var ledgerSocket: String { run + "/ledger.sock" }
    public var adminSocket: String { run + "/admin.sock" }
    public var controlSocket: String { run + "/control.sock" }

    /// Makes the folders, 0700 (0711 where plugins and companions must pass), and takes the lock.
    ///
    /// Throws `.locked` if another node works on this folder, `.unusable` if a folder cannot be made.
    public func prepare() throws(NodeError) -> StateLock {
        for path in [state, run] { try StateFolder.make(path, mode: 0o711) }
        try StateFolder.make(state + "/pools", mode: 0o711)
        for path in [pool, folders, companions] { try StateFolder.make(path, mode: 0o711) }
        for path in [identity, plugins] { try StateFolder.make(path, mode: 0o700) }
        try StateFolder.make(namespaces, mode: 0o755)
        return try StateLock(path: state + "/lock")
    }

    private static func make(_ path: String, mode: mode_t) throws(NodeError) {
        var built = ""
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o755) != 0 && errno != EEXIST {
                throw NodeError(
                    .unusable, "the folder \(built) cannot be made: \(String(cString: strerror(errno)))",
                    hint: "choose another with --state and --run")
            }
        }
        guard chmod(path, mode) == 0 else {
            throw NodeError(
                .unusable, "the rights of \(path) cannot be set: \(String(cString: strerror(errno)))",
                hint: "run the node as the folder's owner")
        }
    }
}
