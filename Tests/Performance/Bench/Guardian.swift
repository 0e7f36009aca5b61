import Foundation

/// Runs a command if this process ends without having called it off, even by SIGKILL: what a measurement leaves running goes with it.
struct Guardian {
    private let pipe = Pipe()
    private let process = Process()

    /// - Parameter command: for `sh -c`, in a session of its own, so that an interrupt from the terminal does not end it too.
    init(_ command: String) throws {
        // Or whatever a measurement starts would hold the writing end.
        guard fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw BenchError("no pipe")
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["setsid", "sh", "-c", "read answer && exit 0; \(command)"]
        process.standardInput = pipe
        try process.run()
    }

    func callOff() throws {
        try pipe.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
