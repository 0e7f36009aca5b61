import CLI
import Client
import Contracts
import Foundation
import Glibc
import JSON
import RMB
import Signatures

/// A node that runs for a test: real programs, real plugins, a state folder and networks of its own.
///
/// `RunningNode.with` removes everything afterwards, whatever happened.
public struct RunningNode: Sendable {
    /// What a start does about plugins.
    public enum Plugins: Sendable {
        /// Signs and installs them.
        case anew
        /// Leaves them as they are.
        case asInstalled
    }

    public let folder: String
    private let options: [String]

    /// - Parameters:
    ///   - plugins: the plugins to run; all of the build's unless given.
    ///   - folder: an empty folder that the caller has made; a new one below /tmp unless given.
    ///   - options: further options of `zos up`.
    public static func with<Answer: Sendable>(
        plugins: PluginFolder? = nil, folder: String? = nil, options: [String] = [],
        _ body: @Sendable (RunningNode) async throws -> Answer
    ) async throws -> Answer {
        // Short, since it is part of the paths of sockets.
        let path = folder ?? "/tmp/zt-\(getpid())-\(UInt16.random(in: 0...UInt16.max))"
        let node = RunningNode(
            folder: path,
            options: ["--plugins", try plugins?.path ?? Programs.plugins(), "--memory-reserve", "1"] + options)
        do {
            try await node.up()
            let answer = try await body(node)
            await node.remove()
            return answer
        } catch {
            FileHandle.standardError.write(Data("the node's last words:\n\(node.lastLines(20))\n".utf8))
            await node.remove()
            throw error
        }
    }

    /// Starts it, for the first time or again.
    public func up(_ plugins: Plugins = .anew) async throws {
        var options = options
        if plugins == .asInstalled { options += ["--plugins", folder + "/nothing"] }
        let outcome = try await Programs.zos(["up", "--state", folder] + options)
        guard outcome.status == 0 else { throw Programs.Failure("zos up: \(outcome.output)") }
    }

    /// SIGTERM: ends the node, leaves workloads.
    public func stop() async throws {
        let outcome = try await Programs.zos(["down", "--state", folder])
        guard outcome.status == 0 else { throw Programs.Failure("zos down: \(outcome.output)") }
    }

    /// SIGKILL, and waits until the process is no more.
    public func kill() async throws {
        let process = try self.process()
        Glibc.kill(process, SIGKILL)
        try await eventually("process \(process) is gone") { !Self.lives(process) }
    }

    public func process() throws -> Int32 {
        guard let process = try description().process else { throw Programs.Failure("dev.json names no process") }
        return process
    }

    public func description() throws -> DevelopmentNode {
        try StateLocation(option: folder, environment: [:]).node()
    }

    /// Somebody who can sign: `user` or `farmer`.
    ///
    /// - Parameter patience: how long one command may take.
    public func user(_ name: String = "user", patience: Duration = .seconds(60)) throws -> NodeUser {
        try NodeUser(name, of: description(), patience: patience)
    }

    public func lastLines(_ count: Int) -> String {
        let bytes = FileManager.default.contents(atPath: folder + "/node.log") ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(count).joined(separator: "\n")
    }

    /// Waits for a plugin to be in a state, such as `ready`.
    public func waitForPlugin(_ id: String, _ state: String) async throws {
        let user = try user()
        try await eventually("plugin \(id) is \(state)") {
            let plugins = try await user.client.call("zos.plugin.list").arrayValue ?? []
            return plugins.contains { $0["id"]?.stringValue == id && $0["state"]?.stringValue == state }
        }
    }

    private static func lives(_ process: Int32) -> Bool {
        guard let status = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
        let text = String(decoding: status, as: UTF8.self)
        // After the name in parentheses comes the state; a zombie is dead already.
        return !(text.split(separator: ")").last ?? "").hasPrefix(" Z")
    }
}

/// Looks again and again until something is so. Throws after `patience`, with what it waited for.
public func eventually(
    _ what: String, within patience: Duration = .seconds(60), _ condition: @Sendable () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + patience
    while true {
        if try await condition() { return }
        guard ContinuousClock.now < end else { throw Programs.Failure("not within \(patience): \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
