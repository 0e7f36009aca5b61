import JSON

/// Everything can be asked twice.
extension ConformanceKit {
    static let idempotency: [ConformanceCase] = [
        ConformanceCase(
            id: "idempotency.provision",
            promise: "what is there already is found: asked again and again, same result, nothing more on the host"
        ) { trial in
            for example in trial.examples {
                let deployed = try await trial.deploy(example)
                let before = try await trial.node.traces()
                let processes = try await trial.node.processes()
                for subject in try await trial.subjects(of: deployed) {
                    for _ in 0..<2 {
                        let reply = try await trial.expectOkay("provision", ["subject": subject, "paused": false])
                        let result = reply["result"] ?? .null
                        try trial.expect(
                            reply["outcome"] == "present" || result == subject["result"],
                            "asked again, '\(subject["name"]?.stringValue ?? "")' has the result \(result.text) instead of "
                                + (subject["result"] ?? .null).text)
                    }
                }
                try await trial.expectTraces(before)
                let now = try await trial.node.processes()
                try trial.expect(now == processes, "asked again, processes \(processes) were replaced by \(now)")
                try await trial.cancel(deployed)
            }
        },
        ConformanceCase(
            id: "idempotency.deprovision", promise: "what is gone, or never was, is removed again without complaint"
        ) { trial in
            let example = try trial.firstExample()
            let before = try await trial.node.traces()
            let deployed = try await trial.deploy(example)
            let subjects = try await trial.subjects(of: deployed)
            try await trial.cancel(deployed)
            for subject in subjects {
                try await trial.expectOkay("deprovision", ["subject": subject])
                var stranger = subject.objectValue ?? [:]
                let name = "never"
                let twin = subject["twin"]?.uint64Value ?? 0
                (stranger["name"], stranger["contract"]) = (.string(name), 4_000_000_000)
                stranger["id"] = .string("\(twin)-4000000000-\(name)")
                (stranger["result"], stranger["state"]) = (.null, .null)
                try await trial.expectOkay("deprovision", ["subject": .object(stranger)])
            }
            try await trial.expectTraces(before)
        },
        ConformanceCase(
            id: "idempotency.again", promise: "the same deployment can be made, removed and made again"
        ) { trial in
            let example = try trial.firstExample()
            let before = try await trial.node.traces()
            for _ in 0..<3 { try await trial.cancel(try await trial.deploy(example)) }
            try await trial.expectTraces(before)
        },
    ]
}
