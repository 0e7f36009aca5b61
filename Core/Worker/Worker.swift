import CHost
import Glibc
import JSON
import WorkerSandbox

/// The life of a worker, from its launch plan to its last message.
enum Worker {
    /// Exit codes, for the core's log.
    enum ExitCode {
        static let stopped: Int32 = 0
        static let notStarted: Int32 = 71
        static let badMessage: Int32 = 76
    }

    /// - Returns: the exit code.
    static func run() -> Int32 {
        do {
            let plan = try readPlan()
            session.limitCalls(to: plan.openCalls)
            if let listener = try Sandbox(plan).enter() {
                session.note(.sandboxed, [:], descriptors: [listener])
                close(listener)
            }
            var plugin = try LoadedPlugin(plan)
            try plugin.start(configuration: plan.configuration)
            session.note(.ready, plugin.facts)
            return serve(plugin)
        } catch {
            let code = (error as? LoadError)?.code ?? .failed
            session.note(.failed, ["code": .string(code.rawValue), "message": .string("\(error)")])
            return ExitCode.notStarted
        }
    }

    private static func readPlan() throws -> LaunchPlan {
        var bytes: [UInt8] = []
        let descriptor = LaunchPlan.Descriptor.plan
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= 1 << 20 {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count >= 0 else { throw SandboxError("read the launch plan", errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return try JSONValue(parsing: bytes).decode(LaunchPlan.self)
    }

    /// Serves until the core shuts its side of the socket.
    private static func serve(_ plugin: LoadedPlugin) -> Int32 {
        var receiver = PacketReceiver(socket: LaunchPlan.Descriptor.socket, accepting: [.request, .answer])
        do {
            while let (message, descriptors) = try receiver.next() {
                switch message.kind {
                case .request: plugin.handle(message, descriptors: descriptors)
                default: session.receive(answer: message, descriptors: descriptors)
                }
            }
            plugin.stop()
            return ExitCode.stopped
        } catch {
            session.note(.log, ["message": .string("\(error)")], status: 4)
            return ExitCode.badMessage
        }
    }
}
