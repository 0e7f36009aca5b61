import Foundation

/// What a trial of a plugin needs on disk: a state folder for a node, and the plugin folders that it runs.
///
/// Paths are short, since they are part of the paths of sockets. Everything goes with `remove`.
struct TrialFolder: Sendable {
    let base: String
    /// For `--state`.
    var state: String { base + "/n" }
    /// For `--plugins`.
    var plugins: String { base + "/p" }
    /// A root for workloads that need one, with a program that does nothing.
    var root: String { base + "/root" }
    /// The plugin under test.
    let name: String

    /// - Parameters:
    ///   - plugin: a plugin folder as the build leaves it: `plugin.json`, `plugin.so`, `schemas`.
    ///   - others: further ones, for the types that the examples need.
    init(plugin: String, others: [String]) throws {
        base = "/tmp/zc-\(getpid())-\(UInt16.random(in: 0...UInt16.max))"
        name = URL(fileURLWithPath: plugin).lastPathComponent
        for folder in [plugins, root + "/sbin", root + "/bin"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        for folder in [plugin] + others {
            let target = "\(plugins)/\(URL(fileURLWithPath: folder).lastPathComponent)"
            guard !FileManager.default.fileExists(atPath: target) else { continue }
            try FileManager.default.copyItem(atPath: folder, toPath: target)
            // The trial signs with a key of its own.
            for signed in ["plugin.files", "plugin.files.minisig"] {
                try? FileManager.default.removeItem(atPath: "\(target)/\(signed)")  // Usually there is none.
            }
        }
        try Self.shell(into: root + "/bin")
        let program = "#!/bin/sh\nwhile :; do /bin/busybox sleep 60; done\n"
        guard
            FileManager.default.createFile(
                atPath: root + "/sbin/app", contents: Data(program.utf8), attributes: [.posixPermissions: 0o755])
        else { throw CommandError(.failed, "\(root)/sbin/app cannot be written") }
    }

    /// A root needs a shell of its own for its program to run. Without one what runs there ends at once.
    private static func shell(into folder: String) throws {
        for busybox in ["/bin/busybox", "/usr/bin/busybox"] where FileManager.default.isExecutableFile(atPath: busybox)
        {
            try FileManager.default.copyItem(atPath: busybox, toPath: folder + "/busybox")
            return try FileManager.default.createSymbolicLink(
                atPath: folder + "/sh", withDestinationPath: "busybox")
        }
        throw CommandError(
            .failed, "there is no busybox for the root of workloads", hint: "install Debian's busybox-static")
    }

    func remove() { try? FileManager.default.removeItem(atPath: base) }  // A leftover in /tmp harms nobody.
}
