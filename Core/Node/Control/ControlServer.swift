import CHost
import Dispatch
import Glibc
import Logging

/// The operator's socket, `control.sock` in the run folder: mode 0600, and only root and the node's own user are answered.
///
/// One JSON object per line in both directions (`ControlCommands`). A command that was begun goes on when its caller leaves.
struct ControlServer: Sendable {
    /// Connections at a time; further ones wait.
    private static let maxConnections = 16
    /// How long a caller may take for its next line.
    private static let patience = Duration.seconds(30)

    private let commands: ControlCommands
    private let listener: Listener
    private let log: Logger

    /// Binds the socket; a file left by a dead node is replaced. Throws `.unusable` naming the path.
    init(path: String, commands: ControlCommands, log: Logger) throws(NodeError) {
        self.commands = commands
        self.log = log
        listener = try Listener(path: path)
    }

    /// Serves until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var open = 0
            while !Task.isCancelled {
                if open == Self.maxConnections {
                    await group.next()
                    open -= 1
                }
                guard let connection = await listener.accept() else { break }
                open += 1
                group.addTask { await serve(connection) }
            }
            group.cancelAll()
        }
        listener.remove()
    }

    private func serve(_ connection: LineSocket) async {
        defer { connection.end() }
        guard let user = connection.peerUser, user == 0 || user == geteuid() else {
            log.warning("control socket: refused", metadata: ["user": "\(connection.peerUser ?? .max)"])
            return
        }
        do {
            while let line = try await connection.receive(within: Self.patience) {
                try await connection.send(await commands.answer(line).text)
            }
        } catch {
            // A caller that is silent or goes away is its own business; one that talks nonsense is told so, if it still listens.
            guard error.code == "bad_request" else { return }
            log.warning("control socket: bad request", metadata: ["error": "\(error)"])
            try? await connection.send(error.json.text)
        }
    }
}

/// A listening socket. Accepting blocks on a queue of its own; cancelling the waiting task ends it.
private final class Listener: Sendable {
    private let descriptor: Int32
    private let path: String
    private let queue = DispatchQueue(label: "zos.control.accept")

    init(path: String) throws(NodeError) {
        guard let address = UnixAddress(path) else {
            throw NodeError(
                .unusable, "\(path) is too long for a socket's path", hint: "choose a shorter folder with --run")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        Self.removeSocket(path)
        // Nobody can connect between bind and listen, so the mode is right before anybody could use the socket.
        guard descriptor >= 0, address.use({ bind(descriptor, $0, $1) }) == 0, chmod(path, 0o600) == 0,
            listen(descriptor, 16) == 0
        else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw NodeError(.unusable, "the node cannot listen on \(path): \(reason)", hint: nil)
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func remove() { Self.removeSocket(path) }

    private static func removeSocket(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    }

    /// Nil when the socket was shut down.
    func accept() async -> LineSocket? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [descriptor] in
                    while true {
                        let accepted = zos_accept(descriptor)
                        if accepted >= 0 { return continuation.resume(returning: LineSocket(taking: accepted)) }
                        switch -accepted {
                        case EINTR, ECONNABORTED: continue
                        // Out of descriptors or memory: others give some back, and this queue may wait for that.
                        case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(100_000)
                        default: return continuation.resume(returning: nil)
                        }
                    }
                }
            }
        } onCancel: {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }
}
