import JSON

/// The walls, after everything that was done before.
extension ConformanceKit {
    static let sandbox: [ConformanceCase] = [
        ConformanceCase(
            id: "sandbox.quiet",
            promise: "no worker ended that was not killed on purpose: no violation, no crash, no hang"
        ) { trial in
            let ends = try await trial.node.unexpectedEnds()
            try trial.expect(ends.isEmpty, ends.prefix(10).joined(separator: "\n"))
        },
        ConformanceCase(
            id: "sandbox.entitlements", promise: "the manifest asks for nothing that the plugin does not use"
        ) { trial in
            try await trial.node.watch(holdAt: nil)
            let example = try trial.firstExample()
            try await trial.cancel(try await trial.deploy(example))
            let used = try await trial.node.points().services
            for name in trial.unused(used) {
                trial.note("the entitlement '\(name)' was not used: leave it out, or show its use in an example")
            }
            trial.note(used.isEmpty ? "uses no service" : "uses \(used.joined(separator: ", "))")
        },
    ]
}

extension ConformanceTrial {
    /// Entitlements of the manifest none of whose services were used. Rights that are no services are not looked at.
    fileprivate func unused(_ used: [String]) -> [String] {
        let services: [String: [String]] = [
            "network-namespaces": ["namespace.", "netlink.", "sysctl."], "segments": ["segment."], "exits": ["exit."],
            "links": ["link."], "taps": ["tap."], "reservations": ["reserve", "release"],
            "roots": ["root.", "overlay."],
        ]
        let asked = (plugin.manifest["entitlements"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        return asked.filter { name in
            guard let own = services[name] else { return false }
            return !used.contains { service in own.contains { service.hasPrefix($0) } }
        }
    }
}
