import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

/// One run of the attacking plugin.
struct HostilePlugin: Sendable {
    let worker: PluginWorker
    let log: HostileLog

    /// Runs `body` with a started plugin; the node does not start it again.
    ///
    /// - Parameter moment: what in time.c acts by itself.
    static func run<Answer: Sendable>(
        at moment: String = "none", policy: SandboxPolicy = SandboxPolicy(), identity: WorkerIdentity? = nil,
        folders: [WorkerFolder] = [], package: String? = nil, limits: WorkerLimits = WorkerLimits(),
        launcher: WorkerLauncher = WorkerBench.launcher, services: any HostServices = NoServices(),
        _ body: @Sendable (HostilePlugin) async throws -> Answer
    ) async throws -> Answer {
        var plan = try WorkerBench.plan(policy: policy, identity: identity, folders: folders, limits: limits)
        plan.object = try HostileObject.build(id: plan.plugin, moment: moment)
        plan.package = package
        let log = HostileLog()
        let worker = PluginWorker(
            plan, launcher: launcher, services: services, log: log.logger,
            restarts: RestartPolicy(first: .seconds(1000), longest: .seconds(1000)))
        let plugin = HostilePlugin(worker: worker, log: log)
        do {
            // Moments before READY are judged by the body, from the state.
            do throws(HostingError) { try await worker.start() } catch { if moment == "none" { throw error } }
            let answer = try await body(plugin)
            await worker.stop(grace: .zero)
            return answer
        } catch {
            await worker.stop(grace: .zero)
            throw error
        }
    }

    func ask(_ what: String, _ more: JSONObject = [:], within: Duration = .seconds(20)) async throws -> JSONValue {
        try await worker.ask(what, more, within: within).0
    }

    /// A violation as the operator sees it.
    struct Incident: Sendable {
        let failure: WorkerFailure
        /// From the call until its line in the log, and until the state that `zos plugin list` shows.
        let logged: Duration
        let listed: Duration
    }

    /// Has the plugin do what it will not survive.
    func incident(_ what: String, _ more: JSONObject = [:]) async throws -> Incident {
        let error = await #expect(throws: HostingError.self) { try await ask(what, more) }
        var polls = 0
        while true {
            if case .failed(let failure, _) = worker.status.state {
                let listed = HostileLog.now()
                let stamp = log.stamp ?? listed
                let line = try #require(log.end, "the log says nothing of the end")
                #expect(line.metadata["reason"] == failure.message && line.metadata["plugin"] == worker.plan.plugin)
                return Incident(
                    failure: failure, logged: .nanoseconds(line.time - stamp), listed: .nanoseconds(listed - stamp))
            }
            polls += 1
            try #require(polls < 20000, "the worker goes on after \(String(describing: error))")
            try await Task.sleep(for: .microseconds(200))
        }
    }

    /// How long a violation may take until the operator can read of it.
    static let promise = Duration.milliseconds(50)

    /// Asserts that the act is named in log and list within the promise. Other work on the machine may delay an attempt; the
    /// fastest of a few is the node's own.
    static func violation(
        _ what: String, _ more: JSONObject = [:], names sentence: String, policy: SandboxPolicy = SandboxPolicy()
    ) async throws {
        var fastest = Duration.seconds(1000)
        for _ in 0..<5 where fastest > promise {
            let incident = try await run(policy: policy) { plugin in
                let incident = try await plugin.incident(what, more)
                #expect(incident.failure.kind == .sandboxViolation)
                let whole = "plugin \(plugin.worker.plan.plugin) called \(sentence)"
                #expect(incident.failure.message.hasPrefix(whole), "\(incident.failure) instead of \(whole)")
                return incident
            }
            fastest = min(fastest, max(incident.logged, incident.listed))
        }
        #expect(fastest <= promise)
        Bystander.note(fastest)
    }
}
