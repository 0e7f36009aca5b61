import Foundation

/// Runs `zos` as a program of its own: what starts a node must not be what a trial runs in.
enum TrialProgram {
    /// The programs beside this one.
    static let folder: String = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: program).deletingLastPathComponent().path
    }()

    /// - Throws: `failed` with everything that it said, if it does not end well.
    static func zos(_ arguments: [String]) async throws {
        let (status, output) = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<(Int32, String), any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try run(arguments) }) }
        }
        guard status == 0 else {
            throw CommandError(.failed, "zos \(arguments.first ?? "") ended with \(status): \(output)")
        }
    }

    private static func run(_ arguments: [String]) throws -> (Int32, String) {
        let path = "/tmp/zc-out-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }  // It may not have been made.
        // A file and no pipe: a pipe would stay open for as long as the node that was started.
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let output = FileHandle(forWritingAtPath: path)
        else { throw CommandError(.failed, "\(path) cannot be written") }
        defer { try? output.close() }  // Nothing was written through it.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: folder + "/zos")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        )
    }
}
