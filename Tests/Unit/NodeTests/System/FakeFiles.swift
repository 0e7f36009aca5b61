import Foundation

@testable import Node

/// A root folder with what a test puts there; gone with the object.
final class FakeFiles: Sendable {
    let root = "/tmp/zn-files-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    var files: HostFiles { HostFiles(root: root) }

    init(_ texts: [String: String] = [:]) throws {
        for (path, text) in texts { try write(Array(text.utf8), to: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ bytes: [UInt8], to path: String) throws {
        let url = URL(fileURLWithPath: root + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
