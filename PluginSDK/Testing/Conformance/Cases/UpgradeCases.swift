import JSON

/// A new version takes over.
extension ConformanceKit {
    static let upgrade: [ConformanceCase] = [
        ConformanceCase(
            id: "upgrade.version",
            promise:
                "another package of the plugin takes over what runs: nothing is interrupted, no history, it can be changed and removed"
        ) { trial in
            let before = try await trial.node.traces()
            let example = try trial.firstExample()
            let deployed = try await trial.deploy(example)
            let old = try await trial.settled(deployed, "ok")
            let history = try await trial.node.history(of: deployed.contract, as: deployed.user)
            let processes = try await trial.node.processes()
            let package = try await trial.node.runningPackage()
            trial.note(try await trial.node.upgrade())
            let now = try await trial.node.runningPackage()
            try trial.expect(now != package, "the package \(package) still runs")
            for subject in try await trial.subjects(of: deployed) {
                try await trial.expectOkay("provision", ["subject": subject, "paused": false])
            }
            try trial.expectSame(old, try await trial.settled(deployed, "ok"), "the upgrade")
            let after = try await trial.node.processes()
            try trial.expect(after == processes, "processes \(processes) were replaced by \(after)")
            try trial.expect(
                try await trial.node.history(of: deployed.contract, as: deployed.user) == history,
                "the upgrade shows in the deployment's history")
            try await trial.cancel(deployed)
            try await trial.expectTraces(before)
        }
    ]
}
