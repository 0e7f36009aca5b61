import Glibc

/// Runs a short program of the node's own.
enum Program {
    /// Blocks until it ends. Its output goes nowhere.
    /// - Throws: `operationFailed` unless it ends with 0.
    static func run(_ path: String, _ arguments: [String]) throws(HostingError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for number: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0) }
        var texts = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var process: pid_t = 0
        let error = posix_spawn(&process, path, &actions, nil, &texts, &environment)
        try checked(-error, "start \(path)")
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { throw HostingError(.operationFailed, "\(path) ended with status \(status)") }
    }
}
