import Foundation
import Hosting

/// A node's folders on disk as an attacker would like to find them: world-readable and world-writable, so that only the
/// sandbox protects them.
struct HostileGround: Sendable {
    let root: String
    /// The attacker's own folder, and its package.
    let own: String
    let package: String

    init() throws {
        root = "/var/tmp/zos-hostile-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        own = root + "/plugins/hostile/pool"
        package = root + "/installed/hostile"
        for folder in ["state", "plugins/victim/pool", "plugins/hostile/pool", "installed/hostile", "run"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
            chmod("\(root)/\(folder)", 0o777)
        }
        for file in [
            "state/identity.key", "state/node.sqlite", "state/ledger.sqlite", "state/trust.json",
            "plugins/victim/pool/disk", "installed/hostile/plugin.so", "installed/hostile/plugin.json", "run/workers",
        ] {
            try Data("secret of \(file)".utf8).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
            // Landlock has no rule for times: those of files are kept by their owner's mode.
            chmod("\(root)/\(file)", file == "run/workers" ? 0o644 : 0o666)
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }  // A leftover hurts no other test.

    /// Every file outside the attacker's folder, with owner, mode and content: what an attack must not change.
    func picture() throws -> [String] {
        let all = FileManager.default.subpaths(atPath: root) ?? []
        return try all.sorted().filter { !$0.hasPrefix("plugins/hostile/pool/") }.map { path in
            var facts = stat()
            lstat("\(root)/\(path)", &facts)
            let isFile = facts.st_mode & S_IFMT == S_IFREG
            let content =
                isFile ? try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")).base64EncodedString() : ""
            // The worker's user owns its own folder from the start on.
            let owner = path == "plugins/hostile/pool" ? 0 : facts.st_uid
            return "\(path) \(facts.st_mode) \(owner) \(facts.st_nlink) \(isFile ? facts.st_size : 0) \(content)"
        }
    }

    /// Runs the attacker on this ground.
    func attack<Answer: Sendable>(_ body: @Sendable (HostilePlugin) async throws -> Answer) async throws -> Answer {
        let policy = try SandboxPolicy.make(entitlements: [("folder", ["name": "pool"])])
        return try await HostilePlugin.run(
            policy: policy, folders: [WorkerFolder(name: "pool", path: own)], package: package, body)
    }
}
