import CHost
import Foundation

/// The process of a development node.
struct NodeProcess: Sendable {
    let id: Int32

    /// Starts the node inside a network namespace, in a session of its own, its log going to `log`.
    ///
    /// - Parameter listeners: listening sockets; the node gets them as descriptors from 3 on.
    static func start(
        program: String, arguments: [String], namespace: String, listeners: [Int32], log: String
    ) throws -> NodeProcess {
        let place = zos_namespace_open(namespace)
        guard place >= 0 else { throw CommandError(.failed, "\(namespace): \(String(cString: strerror(-place)))") }
        defer { close(place) }
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw CommandError(.failed, "\(log): \(String(cString: strerror(errno)))") }
        defer { close(output) }
        // A child is in the namespaces of the thread that starts it.
        return try NamespaceThread.run(in: place) {
            let given = listeners.enumerated().map { (from: $0.element, to: Int32(3 + $0.offset)) }
            return try spawn(program, arguments, descriptors: given + [(output, 1), (output, 2)])
        }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], descriptors: [(from: Int32, to: Int32)]
    ) throws -> NodeProcess {
        // The node lives on: who waits for this program's descriptors to be closed must not wait for the node.
        let sealed = zos_close_from(3, 1)
        guard sealed == 0 else {
            throw CommandError(.failed, "descriptors cannot be kept back: \(String(cString: strerror(-sealed)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        // Above what is to be filled, so that no step overwrites what a later one needs.
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor.from, Int32(100 + index))
        }
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, Int32(100 + index), descriptor.to)
            posix_spawn_file_actions_addclose(&actions, Int32(100 + index))
        }
        keepOwnDescriptors()
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID: it outlives this terminal.
        var child: pid_t = 0
        let texts = ([program] + arguments).map { strdup($0) }
        defer { for text in texts { free(text) } }
        let result = posix_spawn(&child, program, &actions, &attributes, texts + [nil], environ)
        guard result == 0 else {
            throw CommandError(.failed, "\(program) cannot be started: \(String(cString: strerror(result)))")
        }
        return NodeProcess(id: child)
    }

    /// Whoever reads what this command prints waits for the end of a pipe: the node must not hold one open that this
    /// command was given by chance.
    private static func keepOwnDescriptors() {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for number in numbers.compactMap({ Int32($0) }) where number > 2 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    }

    /// Whether the process is there and is a node that works on `folder`.
    func isNode(of folder: String) -> Bool {
        guard let line = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return false }
        let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.first?.hasSuffix("zosd") == true && words.contains(folder)
    }

    /// Whether it has ended; collects it if it is ours.
    var hasEnded: Bool {
        var status: Int32 = 0
        if waitpid(id, &status, WNOHANG) == id { return true }
        return kill(id, 0) != 0 && errno == ESRCH
    }

    /// Asks it to end and waits. Workloads keep running.
    func stop(patience: Duration) async throws {
        kill(id, SIGTERM)
        let end = ContinuousClock.now + patience
        while !hasEnded {
            guard ContinuousClock.now < end else {
                throw CommandError(
                    .timedOut, "the node (process \(id)) does not end", hint: "see its log, then kill it")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
