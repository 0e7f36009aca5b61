import JSON
import Testing
import WorkerFixtures

@testable import Hosting

@Suite("metrics of plugins", .serialized)
struct PluginMetricsTests {
    private static let abilities = ["ABILITIES=(1u<<ZOS_OPERATION_METRICS)"]

    @Test("a plugin's figures cross the boundary, and calls are counted and timed")
    func figures() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan(Self.abilities)) { worker in
            #expect(worker.status.ready?.has(.metrics) == true)
            _ = try await worker.ask(
                "report", ["metrics": [["name": "a_count", "kind": "gauge", "samples": [["value": 42]]]]])
            let (reply, _) = try await worker.request(.metrics, payload: [:])
            let families = try PluginMetricReader().families(reply, of: worker.plan.plugin)
            #expect(families.first?.samples.first?.value == 42)
            _ = try? await worker.ask("refuse", ["status": 1])
            let own = PrometheusText.write(WorkerFigures([(id: worker.plan.plugin, worker: worker)]).families)
            let labels = "plugin=\"\(worker.plan.plugin)\""
            #expect(own.contains("node_worker_state{\(labels),state=\"ready\"} 1\n"), "\(own)")
            #expect(own.contains("node_worker_restarts_total{\(labels)} 0\n"))
            #expect(own.contains("node_call_duration_seconds_count{\(labels),operation=\"command\"} 2\n"))
            #expect(own.contains("node_call_duration_seconds_bucket{\(labels),operation=\"command\",le=\"+Inf\"} 2\n"))
            #expect(own.contains("node_call_failures_total{\(labels),operation=\"command\"} 1\n"))
        }
    }
}
