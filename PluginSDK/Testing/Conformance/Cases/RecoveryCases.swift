import JSON

/// Whatever is killed, everything ends as it should.
extension ConformanceKit {
    static let recovery: [ConformanceCase] = [
        ConformanceCase(
            id: "recovery.worker",
            promise: "SIGKILL of the plugin at rest changes nothing: same results, same processes"
        ) { trial in
            try await trial.restKill { try await trial.killWorker() }
        },
        ConformanceCase(
            id: "recovery.core", promise: "SIGKILL of the core at rest changes nothing: same results, same processes"
        ) { trial in
            try await trial.restKill {
                try await trial.node.killCore()
                try await trial.node.startCore()
            }
        },
        ConformanceCase(
            id: "recovery.boot",
            promise: "after a reboot everything is made again, with the same results, and can be removed"
        ) { trial in
            let before = try await trial.node.traces()
            let example = try trial.firstExample()
            let deployed = try await trial.deploy(example)
            let old = try await trial.settled(deployed, "ok")
            let there = try await trial.node.traces()
            try await trial.node.reboot()
            try await trial.expectTraces(there)
            for subject in try await trial.subjects(of: deployed) {
                try await trial.expectOkay("provision", ["subject": subject, "paused": false])
            }
            try trial.expectSame(old, try await trial.settled(deployed, "ok"), "the reboot")
            try await trial.cancel(deployed)
            try await trial.expectTraces(before)
        },
        ConformanceCase(
            id: "recovery.worker-points",
            promise: "SIGKILL of the plugin at every point of every operation: it ends as it should"
        ) { trial in
            try await KillLaps(trial: trial, victim: "worker") {
                try await trial.killWorker()
            }.run()
        },
        ConformanceCase(
            id: "recovery.core-points",
            promise: "SIGKILL of the core at every point of every operation: it ends as it should"
        ) { trial in
            try await KillLaps(trial: trial, victim: "core") {
                try await trial.node.killCore()
                try await trial.node.startCore()
            }.run()
        },
    ]
}

extension ConformanceTrial {
    fileprivate func restKill(_ kill: @Sendable () async throws -> Void) async throws {
        let before = try await node.traces()
        let deployed = try await deploy(try firstExample())
        let old = try await settled(deployed, "ok")
        let history = try await node.history(of: deployed.contract, as: deployed.user)
        let processes = try await node.processes()
        try await kill()
        for subject in try await subjects(of: deployed) {
            try await expectOkay("provision", ["subject": subject, "paused": false])
        }
        try expectSame(old, try await settled(deployed, "ok"), "the kill")
        let now = try await node.processes()
        try expect(now == processes, "processes \(processes) were replaced by \(now)")
        try expect(
            try await node.history(of: deployed.contract, as: deployed.user) == history,
            "the kill shows in the deployment's history")
        try await cancel(deployed)
        try await expectTraces(before)
    }

    /// SIGKILL for the worker; lets go what is held, and waits for the next worker.
    fileprivate func killWorker() async throws {
        let before = try await eventually("the plugin is ready") { try await self.node.workerLives() }
        try await node.killWorker()
        try await node.release()
        _ = try await eventually("the plugin is ready again") { () async throws -> Bool? in
            guard let now = try await self.node.workerLives(), now > before else { return nil }
            return true
        }
    }
}
