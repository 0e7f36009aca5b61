import JSON

/// What comes in.
extension ConformanceKit {
    static let schema: [ConformanceCase] = [
        ConformanceCase(
            id: "schema.refuses",
            promise: "data that the schema does not allow is refused by the node before the plugin sees it"
        ) { trial in
            var tried = 0
            for example in trial.examples {
                for mutation in trial.mutations(of: example) {
                    try await trial.node.watch(holdAt: nil)
                    do {
                        try await trial.node.plan(mutation.workloads)
                    } catch let refusal as ConformanceRefusal {
                        tried += 1
                        try trial.expect(!refusal.message.isEmpty, "the refusal of \(mutation.what) has no text")
                        let asked = try await trial.node.points().questions
                        try trial.expect(asked == 0, "\(mutation.what) was refused only after the plugin was asked")
                        continue
                    }
                    throw ConformanceFailure("the schema allows \(mutation.what)")
                }
            }
            trial.note("\(tried) kinds of wrong data")
        },
        ConformanceCase(
            id: "schema.invalid",
            promise:
                "what the author calls invalid is refused, or ends in an error with a text, and leaves nothing behind"
        ) { trial in
            try trial.needs({ !$0.invalid.isEmpty }, "no example has invalid data")
            let before = try await trial.node.traces()
            for example in trial.examples {
                for change in example.invalid { try await trial.expectInvalid(change, of: example) }
            }
            try await trial.expectTraces(before)
        },
        ConformanceCase(
            id: "schema.hostile",
            promise:
                "a plugin that is given data past the schema refuses it with a text, or copes; it never ends, and nothing stays"
        ) { trial in
            let example = try trial.firstExample()
            let before = try await trial.node.traces()
            let deployed = try await trial.deploy(example)
            let ends = try await trial.node.unexpectedEnds().count
            for subject in try await trial.subjects(of: deployed) {
                for (index, data) in Mutations.hostile(subject["data"] ?? [:]).enumerated() {
                    try await trial.expectSurvival(subject, data, index)
                }
            }
            let after = try await trial.node.unexpectedEnds()
            try trial.expect(after.count == ends, after.dropFirst(ends).joined(separator: "\n"))
            try await trial.cancel(deployed)
            try await trial.expectTraces(before)
        },
    ]
}

extension ConformanceTrial {
    /// Deployments of an example that are wrong in one place each.
    fileprivate func mutations(of example: ConformanceExample) -> [(what: String, workloads: [JSONValue])] {
        let good = workloads(example, 99)
        return good.indices.flatMap { index -> [(what: String, workloads: [JSONValue])] in
            guard let type = good[index]["type"]?.stringValue, let schema = plugin.schemas[type],
                let data = good[index]["data"]
            else { return [] }
            return Mutations.wrong(data, by: schema, isCompleted: node.completes(type)).map { mutation in
                var changed = good
                var object = changed[index].objectValue ?? [:]
                object["data"] = mutation.data
                changed[index] = .object(object)
                return ("\(type) with \(mutation.what)", changed)
            }
        }
    }

    fileprivate func expectInvalid(_ change: ConformanceExample.Change, of example: ConformanceExample) async throws {
        let deployed: Deployed
        do {
            deployed = try await accept(example, with: change)
        } catch let refusal as ConformanceRefusal {
            return try expect(!refusal.message.isEmpty, "a refusal has no text")
        }
        let ended = try await eventually("'\(change.workload)' ends") {
            try await self.node.workloads(of: deployed.contract, as: deployed.user)?
                .first { $0.name.utf8.elementsEqual(example.name(of: change, deployed.n).utf8) && $0.state != "init" }
        }
        try expect(ended.state == "error", "invalid data \(change.data.text) ended in \(ended.state)")
        try expect(!ended.message.isEmpty, "the error of invalid data \(change.data.text) has no text")
        try await cancel(deployed)
    }

    /// Gives the plugin data as another workload's, past all checks, and takes away what it makes of it.
    fileprivate func expectSurvival(_ subject: JSONValue, _ data: JSONValue, _ index: Int) async throws {
        var object = subject.objectValue ?? [:]
        let name = "hostile\(index)"
        object["id"] = .string("\(subject["twin"]?.uint64Value ?? 0)-4000000001-\(name)")
        (object["contract"], object["name"], object["data"]) = (4_000_000_001, .string(name), data)
        (object["result"], object["state"]) = (.null, .null)
        for operation in ["validate", "capacity", "provision", "deprovision"] {
            let payload: JSONValue =
                operation == "capacity"
                ? ["type": object["type"] ?? "", "data": data] : ["subject": .object(object), "paused": false]
            let answer = try await node.ask(operation, payload)
            let what = "\(operation) with \(String(data.text.prefix(120)))"
            try expect(answer.isAnswer, "\(what): \(answer.status) \(answer.message)")
            try expect(answer.status == "ok" || !answer.message.isEmpty, "\(what) was refused without a text")
        }
    }
}
