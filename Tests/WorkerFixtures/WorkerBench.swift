import CHost
import Foundation
import Hosting
import JSON
import Logging
import Synchronization

/// What tests need to run real workers: a launcher, numbers of users, plans.
public enum WorkerBench {
    /// One for all tests: its threads live as long as the test process, which is what workers need.
    public static let launcher: WorkerLauncher = {
        atexit {
            // Their groups are gone with the workers; this is the one above them.
            for controller in ["memory", "pids", "cpu", "unified"] {
                rmdir("/sys/fs/cgroup/\(controller)/zos-test-\(getpid())")
            }
            rmdir("/sys/fs/cgroup/zos-test-\(getpid())")
        }
        do {
            return try WorkerLauncher(configuration, supervisor: NotificationSupervisor())
        } catch {
            preconditionFailure("no launcher: \(error)")
        }
    }()

    public static var configuration: WorkerLauncher.Configuration {
        .init(executable: worker, groupPrefix: "zos-test-\(getpid())")
    }

    /// The program, built beside the test program.
    public static var worker: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: program).deletingLastPathComponent().path + "/zos-worker"
    }

    private static let numbers = Mutex<UInt32>(0)
    private static func next() -> UInt32 {
        numbers.withLock { number in
            number += 1
            return number
        }
    }

    /// A user of this test's own.
    public static func user() -> UInt32 { 0x2000_0000 + UInt32(getpid() % 65536) * 4096 + next() }

    /// A plan for the test plugin, with a control group of its own.
    public static func plan(
        _ macros: [String] = [], policy: SandboxPolicy = SandboxPolicy(), identity: WorkerIdentity? = nil,
        folders: [WorkerFolder] = [], limits: WorkerLimits = WorkerLimits(),
        deadlines: [PluginOperation: Duration] = [:]
    ) throws -> WorkerPlan {
        let name = "test.plugin-\(String(next() + 100_000_000).dropFirst())"
        return WorkerPlan(
            plugin: name, version: "1.0.0", object: try TestObject.build(macros, named: name),
            policy: policy, identity: identity ?? .user(user()), folders: folders, limits: limits,
            settings: ["greeting": "hello"], deadlines: deadlines)
    }

    public static var log: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Runs `body` with a started worker and stops it afterwards, whatever happens.
    public static func withWorker<Answer: Sendable>(
        _ plan: WorkerPlan, services: any HostServices = NoServices(), restarts: RestartPolicy = RestartPolicy(),
        _ body: @Sendable (PluginWorker) async throws -> Answer
    ) async throws -> Answer {
        let worker = PluginWorker(plan, launcher: launcher, services: services, log: log, restarts: restarts)
        do {
            try await worker.start()
            let answer = try await body(worker)
            await worker.stop(grace: .zero)
            return answer
        } catch {
            await worker.stop(grace: .zero)
            throw error
        }
    }
}

/// Refuses every call.
public struct NoServices: HostServices {
    public init() {}
    public func serve(_ call: HostCall) async -> HostAnswer {
        HostAnswer(.unsupported, code: "none", message: "no service \(call.service)")
    }
}

extension PluginWorker {
    /// Has the test plugin do something.
    public func ask(
        _ what: String, _ more: JSONObject = [:], descriptors: [OwnedDescriptor] = [], within: Duration = .seconds(20)
    ) async throws -> (JSONValue, [OwnedDescriptor]) {
        var payload: JSONObject = ["do": .string(what)]
        for member in more.members { payload[member.key] = member.value }
        return try await request(.command, payload: .object(payload), descriptors: descriptors, deadline: within)
    }

    /// Waits until the current life of the worker has ended in failure and returns the reason.
    public func failure() async throws -> WorkerFailure {
        for _ in 0..<10000 {
            if case .failed(let failure, _) = status.state { return failure }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw HostingError(.deadlineExceeded, "the worker did not fail")
    }
}
