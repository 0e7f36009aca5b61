import CHost
import Foundation
import Hosting
import Logging
import Signatures
import Synchronization
import Testing

@testable import Overlay

/// Two namespaces with a cable between them, 10.9.8.1 and 10.9.8.2, and a runner of companions for each.
struct OverlayBench {
    private static let counter = Atomic<UInt32>(0)

    let root: String
    let keys = [KeyPair.generate(scheme: .ed25519), KeyPair.generate(scheme: .ed25519)]
    let runners: [CompanionRunner]
    private let groups: [String]

    /// Leaves nothing behind, also if `body` fails.
    static func with(_ body: (OverlayBench) async throws -> Void) async throws {
        let bench = try OverlayBench()
        do {
            try await bench.connect()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for runner in bench.runners { group.addTask { await runner.run() } }
                defer { group.cancelAll() }
                do {
                    try await body(bench)
                } catch {
                    try await bench.clear()
                    throw error
                }
                try await bench.clear()
            }
        } catch {
            bench.remove()
            throw error
        }
        bench.remove()
        for group in bench.groups { await ControlGroups.removeEmpty(group) }
    }

    private init() throws {
        let name = "zos-test-\(getpid())-o\(Self.counter.add(1, ordering: .relaxed).newValue)"
        root = "/tmp/\(name)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        groups = ["\(name)-0", "\(name)-1"]
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let shim = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("zos-shim").path
        let root = root
        runners = try groups.enumerated().map { index, group in
            let box = UserBox(800_000 + UInt32(getpid() % 1000) * 64 + UInt32(index) * 32)
            return try CompanionRunner(
                CompanionConfiguration(
                    shim: shim, folder: "\(root)/companions\(index)", cgroup: "\(group)/companions",
                    rootPolicy: .refused)
            ) { box.take() }
        }
        for index in 0...1 {
            let made = zos_netns_create(namespace(index))
            try #require(made >= 0, "a network namespace needs root")
            if made > 0 { close(made) }
        }
    }

    func namespace(_ index: Int) -> String { "\(root)/net\(index)" }

    func overlay(_ index: Int, _ settings: OverlaySettings) throws -> Overlay {
        var settings = settings
        settings.namespace = namespace(index)
        return Overlay(settings: settings, key: keys[index], companions: runners[index], log: Logger(label: "test"))
    }

    /// Runs a program inside; whether it ended with code 0.
    func run(_ index: Int, _ arguments: String...) async throws -> Bool {
        try await Self.run(["/usr/bin/nsenter", "--net=\(namespace(index))"] + arguments)
    }

    func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < end, what)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func connect() async throws {
        for runner in runners { try await runner.adopt() }
        let cable = ["ip", "link", "add", "c0", "type", "veth", "peer", "name", "c1", "netns", namespace(1)]
        try #require(try await Self.run(["/usr/bin/nsenter", "--net=\(namespace(0))"] + cable))
        for index in 0...1 {
            try #require(try await run(index, "ip", "address", "add", "10.9.8.\(index + 1)/24", "dev", "c\(index)"))
            try #require(try await run(index, "ip", "link", "set", "c\(index)", "up"))
            try #require(try await run(index, "ip", "link", "set", "lo", "up"))
        }
    }

    private func clear() async throws {
        for runner in runners { try await Overlay.end(runner) }
    }

    private func remove() {
        for index in 0...1 { zos_netns_delete(namespace(index)) }
        try? FileManager.default.removeItem(atPath: root)
    }

    private static func run(_ line: [String]) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        process.executableURL = URL(fileURLWithPath: line[0])
                        process.arguments = Array(line.dropFirst())
                        process.standardOutput = FileHandle.nullDevice
                        process.standardError = FileHandle.nullDevice
                        try process.run()
                        process.waitUntilExit()
                        return process.terminationStatus == 0
                    })
            }
        }
    }
}

/// User ids that no companion had.
private final class UserBox: Sendable {
    private let next: Atomic<UInt32>

    init(_ first: UInt32) { next = Atomic(first) }
    func take() -> UInt32 { next.add(1, ordering: .relaxed).newValue }
}
