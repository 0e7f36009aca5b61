import Foundation

/// A program that does a part of the work, such as a compiler. What it writes goes where this program's goes, and so
/// do signals of the terminal.
struct Tool: Sendable {
    let words: [String]
    let folder: String
    var environment: [String: String] = [:]
    /// Whether what it writes on standard output goes to standard error: with `--json` the former is ours alone.
    var isQuiet = false

    /// Runs it to its end.
    /// - Throws: `failed` if it cannot be started or does not end with 0.
    func run() async throws {
        if !isQuiet { print("$ " + words.joined(separator: " ")) }
        let code = try await status()
        guard code != 127 else {
            throw CommandError(
                .failed, "'\(words.first ?? "")' cannot be started", hint: "install it and put it on PATH")
        }
        guard code == 0 else { throw CommandError(.failed, "'\(line)' failed, see above") }
    }

    /// The command as a person would type it, without a long tail of flags.
    var line: String { words.prefix(4).joined(separator: " ") }

    /// - Returns: the exit code, 128 + signal if a signal ended it.
    func status() async throws -> Int32 {
        let child = try spawn()
        var status: Int32 = 0
        // Cheap beside what compilers cost, and it blocks no thread.
        while waitpid(child, &status, WNOHANG) == 0 {
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                kill(child, SIGTERM)
                throw error
            }
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private func spawn() throws(CommandError) -> pid_t {
        fflush(nil)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if isQuiet { posix_spawn_file_actions_adddup2(&actions, 2, 1) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this program does with signals is no matter of compilers: Ctrl-C ends them.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // Threads of this program block signals, and a child takes its mask from the one that starts it.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, 0x04 | 0x08)  // POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // `env` because spawning into another folder is not in Swift's Glibc.
        let arguments = (["env", "-C", folder] + words).map { strdup($0) }
        let variables = merged.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, arguments + [nil], variables + [nil])
        guard result == 0 else {
            throw CommandError(
                .failed, "/usr/bin/env cannot be started: \(String(cString: strerror(result)))")
        }
        return child
    }
}
