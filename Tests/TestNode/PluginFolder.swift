import Foundation

/// A folder of plugin folders that a test puts together. It goes with the last reference.
public final class PluginFolder: Sendable {
    public let path: String

    /// - Parameter names: plugins of the build to put into it.
    public init(_ names: [String]) throws {
        path = "/tmp/zt-plugins-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(atPath: "\(Programs.plugins())/\(name)", toPath: "\(path)/\(name)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file of a plugin, with the folders above it.
    public func write(_ bytes: [UInt8], to file: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(file)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
