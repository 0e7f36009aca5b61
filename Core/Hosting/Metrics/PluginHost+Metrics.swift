import JSON

extension PluginHost {
    /// How long a plugin has to report its figures; who collects them waits.
    private static let deadline = Duration.seconds(2)

    /// What the node knows of its plugins, and what those with the ability `metrics` report. All are asked side by side; one that
    /// fails is left out and counted.
    public func metrics() async -> [MetricFamily] {
        let hosted = self.hosted
        var reported: [MetricFamily] = []
        var left: [(String, Double)] = []
        await withTaskGroup(of: (String, [MetricFamily]?).self) { group in
            for plugin in hosted { group.addTask { (plugin.id, await self.report(of: plugin)) } }
            for await (id, families) in group {
                left.append((id, families == nil ? 1 : 0))
                reported += families ?? []
            }
        }
        let failed = MetricFamily(
            "node_plugin_metrics_failed", .gauge, "1 if the plugin's own figures are missing or were refused",
            samples: left.sorted { $0.0 < $1.0 }.map { .init(labels: [.init("plugin", $0.0)], value: $0.1) })
        return WorkerFigures(hosted.map { ($0.id, $0.worker) }).families + [failed] + Self.merged(reported)
    }

    /// Families by name. Ids that differ in punctuation only may clash: the first kind counts, others are left out.
    private static func merged(_ families: [MetricFamily]) -> [MetricFamily] {
        var merged: [MetricFamily] = []
        for family in families.sorted(by: { $0.name < $1.name }) {
            guard let last = merged.last, last.name.utf8.elementsEqual(family.name.utf8) else {
                merged.append(family)
                continue
            }
            if last.kind == family.kind { merged[merged.count - 1].samples += family.samples }
        }
        return merged
    }

    /// Nil if the plugin has the ability but no good answer.
    private func report(of plugin: HostedPlugin) async -> [MetricFamily]? {
        guard let ready = plugin.worker.status.ready, ready.has(.metrics) else { return [] }
        do {
            let (reply, _) = try await plugin.worker.request(.metrics, payload: [:], deadline: Self.deadline)
            return try metricReader.families(reply, of: plugin.id)
        } catch {
            log.warning("metrics of a plugin left out", metadata: ["plugin": "\(plugin.id)", "reason": "\(error)"])
            return nil
        }
    }
}
