/// What the node counts about its workers.
struct WorkerFigures {
    private static let states = ["ready", "starting", "failed", "broken", "stopped", "draining"]

    let families: [MetricFamily]

    init(_ workers: [(id: String, worker: PluginWorker)]) {
        var state = MetricFamily("node_worker_state", .gauge, "1 for the state that the plugin's worker is in")
        var restarts = MetricFamily(
            "node_worker_restarts_total", .counter, "Lives of the plugin's worker that have ended")
        var failures = MetricFamily(
            "node_worker_failures", .gauge, "Failures since the worker last served for a minute")
        var health = MetricFamily("node_plugin_healthy", .gauge, "1 if the plugin says that it can work, 0 if not")
        var calls = MetricFamily("node_call_duration_seconds", .histogram, "Time that requests to plugins took")
        var failed = MetricFamily("node_call_failures_total", .counter, "Requests to plugins that failed")
        for (id, worker) in workers {
            let status = worker.status
            let plugin = MetricFamily.Label("plugin", id)
            for name in Self.states {
                let isNow = status.name.utf8.elementsEqual(name.utf8)
                state.samples.append(.init(labels: [plugin, .init("state", name)], value: isNow ? 1 : 0))
            }
            restarts.samples.append(.init(labels: [plugin], value: Double(status.restarts)))
            failures.samples.append(.init(labels: [plugin], value: Double(status.failures)))
            if let said = status.health {
                health.samples.append(.init(labels: [plugin], value: said.isHealthy ? 1 : 0))
            }
            for (operation, figures) in worker.meter.snapshot().sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let labels = [plugin, MetricFamily.Label("operation", "\(operation)")]
                calls.samples += Self.histogram(figures, labels)
                failed.samples.append(.init(labels: labels, value: Double(figures.failures)))
            }
        }
        families = [state, restarts, failures, health, calls, failed]
    }

    private static func histogram(
        _ figures: CallMeter.Figures, _ labels: [MetricFamily.Label]
    ) -> [MetricFamily.Sample] {
        var samples: [MetricFamily.Sample] = []
        var sum: UInt64 = 0
        for (bucket, count) in figures.buckets.enumerated() {
            sum &+= count
            let bound = bucket < CallMeter.bounds.count ? PrometheusText.number(CallMeter.bounds[bucket]) : "+Inf"
            samples.append(.init(suffix: "_bucket", labels: labels + [.init("le", bound)], value: Double(sum)))
        }
        samples.append(.init(suffix: "_sum", labels: labels, value: figures.sum))
        samples.append(.init(suffix: "_count", labels: labels, value: Double(figures.count)))
        return samples
    }
}
