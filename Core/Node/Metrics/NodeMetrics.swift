import Hosting
import JSON
import Provisioning
import RMB

/// All figures of a node: its own, those of its workers, and what plugins report (docs/metrics.md).
struct NodeMetrics: Sendable {
    /// Figures of workers and plugins.
    let plugins: @Sendable () async -> [MetricFamily]
    let engine: Engine
    let started: ContinuousClock.Instant
    /// nil without relays.
    let relayed: PeerFigures?

    func text() async -> String { PrometheusText.write(await families()) }

    private func families() async -> [MetricFamily] {
        let figures = await engine.figures()
        func one(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            MetricFamily(name, .gauge, help, samples: [.init(value: value)])
        }
        return [
            one("node_uptime_seconds", "Time since the node's start", (ContinuousClock.now - started) / .seconds(1)),
            one("node_deployments_count", "Deployments on the node", Double(figures.deployments)),
            one("node_workloads_count", "Workloads on the node", Double(figures.workloads)),
            one("node_reserved_memory_bytes", "Memory that workloads reserve", Double(figures.used.mru)),
            one("node_reserved_storage_bytes", "Storage that workloads reserve", Double(figures.used.sru)),
            one("node_reserved_processors_count", "Processors that workloads reserve", Double(figures.used.cru)),
        ] + (relayed.map { families(of: $0.values) } ?? []) + (await plugins())
    }

    private func families(of values: PeerFigures.Values) -> [MetricFamily] {
        func one(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Int) -> MetricFamily {
            MetricFamily(name, kind, help, samples: [.init(value: Double(value))])
        }
        return [
            one("node_relays_connected_count", .gauge, "Relays that the node is connected to", values.connected),
            one("node_envelopes_waiting_count", .gauge, "Messages that wait for a relay", values.waiting),
            one("node_envelopes_received_total", .counter, "Messages that came from relays", values.received),
            one("node_envelopes_sent_total", .counter, "Messages that were handed to relays", values.sent),
            MetricFamily(
                "node_envelopes_refused_total", .counter, "Messages from relays that were not taken, by reason",
                samples: EnvelopeRefusal.Reason.allCases.map { reason in
                    .init(labels: [.init("reason", reason.rawValue)], value: Double(values.refused[reason] ?? 0))
                }),
        ]
    }
}
