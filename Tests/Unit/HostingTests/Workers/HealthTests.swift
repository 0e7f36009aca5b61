import Hosting
import Testing
import WorkerFixtures

@Suite("health of plugins", .serialized)
struct HealthTests {
    private static let abilities = ["ABILITIES=(1u<<ZOS_OPERATION_HEALTH)"]
    private static let policy = HealthPolicy(period: .milliseconds(20), deadline: .milliseconds(500), failures: 2)

    private func withWorker(
        _ macros: [String] = HealthTests.abilities, _ body: (PluginWorker) async throws -> Void
    ) async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(macros), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log,
            restarts: RestartPolicy(first: .milliseconds(10)), health: Self.policy)
        try await worker.start()
        do { try await body(worker) } catch {
            await worker.stop(grace: .zero)
            throw error
        }
        await worker.stop(grace: .zero)
    }

    private func wait(_ what: String, until holds: () -> Bool) async throws {
        for _ in 0..<2000 where !holds() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(holds(), "\(what)")
    }

    @Test("a healthy plugin is asked and shown as healthy")
    func healthy() async throws {
        try await withWorker { worker in
            try await wait("an answer") { worker.status.health?.isHealthy == true }
            #expect(worker.status.restarts == 0)
        }
    }

    @Test("one that stays unhealthy is started again with its own words as the reason", arguments: [1, 2])
    func unhealthy(_ how: Int) async throws {
        try await withWorker { worker in
            _ = try await worker.ask("sicken", ["how": .number(.init(how))])
            try await wait("a new worker") { worker.status.restarts > 0 && worker.status.name == "ready" }
            try await wait("an answer") { worker.status.health?.isHealthy == true }
        }
    }

    @Test("a plugin without the ability is never asked")
    func without() async throws {
        try await withWorker([]) { worker in
            _ = try await worker.ask("sicken", ["how": 1])
            try await Task.sleep(for: .milliseconds(200))
            #expect(worker.status.health == nil && worker.status.restarts == 0)
        }
    }
}
