import Foundation

/// Processes, as /proc shows them.
enum ProcessTable {
    /// Whether it is there and no zombie.
    static func lives(_ process: Int32) -> Bool {
        guard let status = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
        // After the name in parentheses comes the state.
        return !(String(decoding: status, as: UTF8.self).split(separator: ")").last ?? "").hasPrefix(" Z")
    }

    static func name(of process: Int32) -> String {
        let name = FileManager.default.contents(atPath: "/proc/\(process)/comm") ?? Data()
        return String(decoding: name, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    static func descriptors(of process: Int32) -> Int? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd"))?.count  // Nil: it has ended.
    }

    /// SIGKILL, and waits until they are no more.
    static func kill(_ processes: [Int32]) async throws {
        for process in processes { Glibc.kill(process, SIGKILL) }
        let end = ContinuousClock.now + .seconds(30)
        while let left = processes.first(where: lives) {
            guard ContinuousClock.now < end else { throw CommandError(.timedOut, "process \(left) does not end") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
