import JSON

/// Nothing stays behind.
extension ConformanceKit {
    static let leaks: [ConformanceCase] = [
        ConformanceCase(
            id: "leak.cancel",
            promise:
                "cancelling leaves the host as it was: namespaces, links, mounts, groups, processes, files, reservations"
        ) { trial in
            for example in trial.examples {
                let before = try await trial.node.traces()
                let deployed = try await trial.deploy(example)
                let more = try await trial.node.traces().count - before.count
                try await trial.cancel(deployed)
                try await trial.expectTraces(before)
                trial.note("'\(example.name)' makes \(more) objects on the host")
            }
        },
        ConformanceCase(
            id: "leak.update", promise: "cancelling after updates leaves the host as it was"
        ) { trial in
            try trial.needs({ !$0.updates.isEmpty }, "no example has updates")
            for example in trial.examples where !example.updates.isEmpty {
                let before = try await trial.node.traces()
                let deployed = try await trial.deploy(example)
                for (index, change) in example.updates.enumerated() {
                    try await trial.node.update(
                        deployed.contract, to: trial.workloads(example, deployed.n, with: change), as: deployed.user)
                    _ = try await trial.settled(deployed, "ok", version: UInt64(index) + 1)
                }
                try await trial.cancel(deployed)
                try await trial.expectTraces(before)
            }
        },
        ConformanceCase(
            id: "leak.descriptors", promise: "the plugin's process keeps no descriptor of workloads that are gone"
        ) { trial in
            let example = try trial.firstExample()
            try await trial.cancel(try await trial.deploy(example))
            let before = try await trial.node.workerDescriptors() ?? 0
            let rounds = 5
            for _ in 0..<rounds { try await trial.cancel(try await trial.deploy(example)) }
            let after = try await trial.node.workerDescriptors() ?? 0
            trial.note("\(before) descriptors, \(after) after \(rounds) more deployments")
            // One or two may be open for the moment.
            try trial.expect(after < before + rounds, "\(before) descriptors became \(after) in \(rounds) deployments")
        },
    ]
}
