import CHost
import Foundation
import Synchronization
import TestNode

/// An exchange, 10.77.0.0/24, that network namespaces are plugged into: the internet of a test.
final class Exchange: Sendable {
    private let folder: String
    private let state = Mutex<(spaces: [String], programs: [Process], files: [String])>(([], [], []))

    /// Makes the exchange for as long as `body` runs; namespaces and programs of it end with it.
    static func with<Answer: Sendable>(_ body: @Sendable (Exchange) async throws -> Answer) async throws -> Answer {
        let exchange = try Exchange()
        do {
            try await exchange.begin()
            let answer = try await body(exchange)
            await exchange.end()
            return answer
        } catch {
            await exchange.end()
            throw error
        }
    }

    private init() throws {
        folder = "/tmp/zt-x-\(getpid())-\(UInt16.random(in: 0...UInt16.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A new namespace with an address of the exchange: 10.77.0.`number`.
    func space(_ name: String, _ number: UInt8) async throws -> String {
        let path = try make(name)
        try await plug(path, number)
        return path
    }

    /// A new namespace that is connected to nothing.
    func space(_ name: String) async throws -> String { try make(name) }

    /// Gives a namespace that is there an address of the exchange, on a link `wan`.
    func plug(_ space: String, _ number: UInt8) async throws {
        let port = "p\(number)"
        try await succeed(hub, "ip", "link", "add", port, "type", "veth", "peer", "name", "wan", "netns", space)
        try await succeed(hub, "ip", "link", "set", port, "master", "hub", "up")
        try await succeed(space, "ip", "address", "add", "10.77.0.\(number)/24", "dev", "wan")
        for link in ["lo", "wan"] { try await succeed(space, "ip", "link", "set", link, "up") }
    }

    /// Runs a program in a namespace to its end.
    func run(_ space: String, _ line: String...) async throws -> Programs.Outcome { try await run(space, line) }

    func run(_ space: String, _ line: [String]) async throws -> Programs.Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try Programs.run("/usr/bin/nsenter", ["--net=\(space)"] + line) })
            }
        }
    }

    func succeed(_ space: String, _ line: String...) async throws {
        let outcome = try await run(space, line)
        guard outcome.status == 0 else {
            throw Programs.Failure("\(line.joined(separator: " ")): \(outcome.output)")
        }
    }

    /// Starts a program in a namespace; what it writes is in the file that is returned.
    func start(_ space: String, _ line: [String], log name: String) throws -> (process: Process, log: String) {
        let log = "\(folder)/\(name).log"
        guard FileManager.default.createFile(atPath: log, contents: nil), let output = FileHandle(forWritingAtPath: log)
        else { throw Programs.Failure("\(log) cannot be made") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments = ["--net=\(space)"] + line
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        state.withLock { $0.programs.append(process) }
        return (process, log)
    }

    /// Writes a private file that goes with the exchange.
    func write(_ text: String, to name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Programs.Failure("\(path) cannot be written") }
        return path
    }

    /// Has a file removed with the exchange.
    func removeAtEnd(_ file: String) { state.withLock { $0.files.append(file) } }

    private var hub: String { "\(folder)/hub" }

    private func begin() async throws {
        _ = try make("hub")
        try await succeed(hub, "ip", "link", "add", "hub", "type", "bridge", "forward_delay", "0")
        try await succeed(hub, "ip", "link", "set", "hub", "up")
    }

    private func make(_ name: String) throws -> String {
        let path = "\(folder)/\(name)"
        let made = zos_netns_create(path)
        guard made >= 0 else { throw Programs.Failure("the namespace \(path) cannot be made") }
        if made > 0 { close(made) }
        state.withLock { $0.spaces.append(path) }
        return path
    }

    private func end() async {
        let (spaces, programs, files) = state.withLock { $0 }
        for program in programs where program.isRunning { kill(program.processIdentifier, SIGKILL) }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for program in programs { program.waitUntilExit() }
                continuation.resume()
            }
        }
        for space in spaces { zos_netns_delete(space) }
        for file in files { unlink(file) }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
