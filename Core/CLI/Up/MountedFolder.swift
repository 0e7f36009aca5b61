import CHost
import Foundation

/// What is mounted below a folder.
enum MountedFolder {
    private static let detach: Int32 = 2  // MNT_DETACH

    /// Paths of mounts strictly below `folder`, the innermost first.
    static func mounts(below folder: String, table: String) -> [String] {
        let prefix = folder + "/"
        return table.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 4 else { return nil }
            let path = unescaped(words[4])
            return path.hasPrefix(prefix) ? path : nil
        }.reversed()
    }

    /// Takes all of them away.
    static func unmountAll(below folder: String) throws(CommandError) {
        // The table is read in pieces: while others mount and unmount, one reading may miss a line.
        for _ in 0..<16 {
            guard let bytes = FileManager.default.contents(atPath: "/proc/self/mountinfo") else {
                throw CommandError(.failed, "/proc/self/mountinfo cannot be read")
            }
            let paths = mounts(below: folder, table: String(decoding: bytes, as: UTF8.self))
            for path in paths { try unmount(path) }
            if paths.isEmpty && MountedFolder.isStable(bytes) { return }
        }
    }

    /// Removes a folder, whatever is mounted in it. A process that ends at this moment may still mount something: tried again
    /// until `patience` is over.
    static func remove(_ folder: String, below top: String, patience: Duration = .seconds(10)) async throws {
        let end = ContinuousClock.now + patience
        while true {
            try unmountAll(below: top)
            do {
                return try FileManager.default.removeItem(atPath: folder)
            } catch {
                guard FileManager.default.fileExists(atPath: folder) else { return }
                guard ContinuousClock.now < end else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Whether the table still reads the same.
    private static func isStable(_ table: Data) -> Bool {
        FileManager.default.contents(atPath: "/proc/self/mountinfo") == table
    }

    private static func unmount(_ path: String) throws(CommandError) {
        let result = zos_unmount(path, detach)
        guard result == 0 || result == -EINVAL || result == -ENOENT else {
            throw CommandError(.failed, "\(path) cannot be unmounted: \(String(cString: strerror(-result)))")
        }
    }

    /// The kernel writes blanks and backslashes of paths as three octal digits.
    private static func unescaped(_ word: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
