import Foundation

/// Tells when the sources of a project change.
struct SourceWatch: ~Copyable {
    /// What builds write and what no build reads.
    private static let ignored: Set<String> = [
        ".build", "build", "target", ".git", ".zos", "Package.resolved", "Cargo.lock",
    ]
    private static let mask = UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)

    private let descriptor: Int32
    private let folder: String
    private var last: [String: Stamp] = [:]

    /// What tells two versions of a file apart.
    private struct Stamp: Equatable {
        let seconds: Int
        let nanoseconds: Int
        let size: Int
    }

    init(_ folder: String) throws(CommandError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw CommandError(.failed, "changes cannot be watched: \(String(cString: strerror(errno)))")
        }
        self.folder = folder
        last = watchAll()
    }

    deinit { close(descriptor) }

    /// Returns once a source has changed and nothing has for a moment: editors write in several steps.
    mutating func change() async throws {
        while true {
            while try !hasEvents() { try await Task.sleep(for: .milliseconds(50)) }
            repeat { try await Task.sleep(for: .milliseconds(150)) } while try hasEvents()
            let now = watchAll()
            guard now == last else {
                last = now
                return
            }
        }
    }

    /// Reads away what has happened so far.
    private func hasEvents() throws(CommandError) -> Bool {
        var seen = false
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                seen = true
            } else {
                guard count < 0, errno == EAGAIN || errno == EINTR else {
                    throw CommandError(.failed, "changes cannot be watched: \(String(cString: strerror(errno)))")
                }
                return seen
            }
        }
    }

    /// Watches every folder, new ones included (watching one twice changes nothing), and says what is there.
    private func watchAll() -> [String: Stamp] {
        inotify_add_watch(descriptor, folder, Self.mask)
        var stamps: [String: Stamp] = [:]
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return stamps }
        for case let path as String in walk {
            guard !Self.ignored.contains(URL(fileURLWithPath: path).lastPathComponent) else {
                walk.skipDescendants()
                continue
            }
            var status = stat()
            guard lstat("\(folder)/\(path)", &status) == 0 else { continue }  // Gone meanwhile.
            if status.st_mode & S_IFMT == S_IFDIR {
                inotify_add_watch(descriptor, "\(folder)/\(path)", Self.mask)
            } else {
                stamps[path] = Stamp(
                    seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int(status.st_size))
            }
        }
        return stamps
    }
}
