import Foundation
import Synchronization

/// The programs and plugins of the build that the tests belong to.
public enum Programs {
    private static let repository = String(#filePath.dropLast("/Tests/TestNode/Programs.swift".count))
    private static let packed = Mutex(false)

    /// The folder of the built programs: the test program's own.
    public static let built: String = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: program).deletingLastPathComponent().path
    }()

    /// The folder with all plugin folders, put together once per test run from what was built.
    public static func plugins() throws -> String {
        let folder = "\(repository)/build/debug-plugins"
        try packed.withLock { isPacked in
            guard !isPacked else { return }
            let outcome = try Self.run("\(repository)/scripts/pack-plugins", [built, folder])
            guard outcome.status == 0 else { throw Failure("pack-plugins: \(outcome.output)") }
            isPacked = true
        }
        return folder
    }

    /// What a program left behind: its exit status, and everything that it wrote.
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: String
    }

    /// Runs a program to its end.
    public static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
        let path = "/tmp/zt-out-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw Failure("\(path) cannot be made")
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        // A file and no pipe: a pipe would stay open for as long as a node that was started by the program lives.
        guard let output = FileHandle(forWritingAtPath: path) else { throw Failure("\(path) cannot be written") }
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        return Outcome(status: process.terminationStatus, output: text)
    }

    /// The same off the cooperative threads.
    public static func zos(_ arguments: [String]) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(built + "/zos", arguments) })
            }
        }
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(_ text: String) { description = text }
    }
}
