import Foundation

/// A folder of one test, removed when the test lets go of it.
package final class Folder: Sendable {
    package let path: String

    package init() throws {
        // Short: the path of a socket has at most 107 bytes.
        path = "/tmp/zl-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // Nobody waits for this, and what stays behind lies in /tmp.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
