import Foundation

/// Programs that a measurement starts.
enum Program {
    /// This program.
    static let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    static let folder = URL(fileURLWithPath: own).deletingLastPathComponent().path
    static let repository = String(#filePath.dropLast("/Tests/Performance/Bench/Program.swift".count))

    /// The plugins' packages, made by `scripts/pack-plugins` from this build.
    static var plugins: String {
        #if DEBUG
            repository + "/build/debug-plugins"
        #else
            repository + "/build/release-plugins"
        #endif
    }

    /// Runs a program to its end and returns what it wrote to standard output. Not by Foundation's `Process`, which waits for
    /// whatever the program leaves running as well.
    @discardableResult
    static func run(_ words: [String]) throws -> String {
        let pipe = Pipe()
        // Or whatever the program leaves running would keep its end open.
        for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            guard fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw BenchError("no pipe") }
        }
        let process = try spawn(words, output: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForWriting.close()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        let status = wait(process)
        guard status == 0 else { throw BenchError("'\(words.joined(separator: " "))' ended with \(status >> 8)") }
        return String(decoding: output, as: UTF8.self)
    }

    /// Starts a program directly, with nothing in between, and returns its process id.
    ///
    /// - Parameter output: where its standard output goes; nil: where ours goes.
    static func spawn(_ words: [String], output: Int32? = nil, quietly: Bool = false) throws -> pid_t {
        let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        if quietly {
            for number: Int32 in [1, 2] { posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0) }
        }
        var process: pid_t = 0
        let error = posix_spawnp(&process, words[0], &actions, nil, argv, environ)
        guard error == 0 else { throw BenchError("\(words[0]) cannot be started: \(String(cString: strerror(error)))") }
        return process
    }

    /// Runs a program directly to its end; any exit code will do unless `mustSucceed`.
    static func execute(_ words: [String], mustSucceed: Bool = true, quietly: Bool = false) throws {
        let status = wait(try spawn(words, quietly: quietly))
        guard status == 0 || !mustSucceed else { throw BenchError("'\(words.joined(separator: " "))' failed") }
    }

    @discardableResult
    static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        wait(process)
    }
}
