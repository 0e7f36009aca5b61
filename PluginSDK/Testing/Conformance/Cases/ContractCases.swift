import JSON

/// What plugin and node have agreed on.
extension ConformanceKit {
    static let contract: [ConformanceCase] = [
        ConformanceCase(
            id: "contract.deploy", promise: "every example is deployed, and each of its workloads ends ok with a result"
        ) { trial in
            try trial.expect(
                !trial.examples.isEmpty, "there is no example: write docs/example.yaml or docs/conformance.json")
            for example in trial.examples {
                let deployed = try await trial.deploy(example)
                let subjects = try await trial.subjects(of: deployed)
                try trial.expect(!subjects.isEmpty, "the example '\(example.name)' has no workload of this plugin")
                try await trial.cancel(deployed)
            }
        },
        ConformanceCase(
            id: "contract.abilities",
            promise: "what the manifest announces is answered, what it does not announce is refused as unsupported"
        ) { trial in
            let deployed = try await trial.deploy(try trial.firstExample())
            for subject in try await trial.subjects(of: deployed) {
                let type = subject["type"]?.stringValue ?? ""
                for operation in ["pause", "resume"] {
                    let answer = try await trial.node.ask(operation, ["subject": subject])
                    try trial.expectAbility(
                        trial.plugin.isPausable(type), operation, answer, "'pausable' of type \(type)")
                }
                let update = try await trial.node.ask(
                    "update", ["subject": subject, "previous": subject["data"] ?? [:]])
                try trial.expectAbility(trial.plugin.isUpdatable(type), "update", update, "'updatable' of type \(type)")
            }
            let hasCommands = !(trial.plugin.manifest["commands"]?.arrayValue ?? []).isEmpty
            if !hasCommands {
                let answer = try await trial.node.ask(
                    "command", ["command": "zos.conformance.none", "caller": 1, "payload": .null, "workloads": []])
                try trial.expectAbility(false, "command", answer, "'commands'")
            }
            try await trial.cancel(deployed)
        },
        ConformanceCase(
            id: "contract.update",
            promise: "each update of an example is made in place: new version, ok, one entry of history"
        ) { trial in
            try trial.needs({ !$0.updates.isEmpty }, "no example has updates")
            for example in trial.examples where !example.updates.isEmpty {
                let deployed = try await trial.deploy(example)
                for (index, change) in example.updates.enumerated() {
                    let name = example.name(of: change, deployed.n)
                    try await trial.node.update(
                        deployed.contract, to: trial.workloads(example, deployed.n, with: change), as: deployed.user)
                    _ = try await trial.settled(deployed, "ok", version: UInt64(index) + 1)
                    let entries = try await trial.node.history(of: deployed.contract, as: deployed.user)
                        .filter { $0.name.utf8.elementsEqual(name.utf8) && $0.version == UInt64(index) + 1 }
                    try trial.expect(
                        entries.map(\.state) == ["ok"],
                        "update \(index + 1) of '\(example.name)' has the history \(entries.map(\.state)) instead of ok alone"
                    )
                }
                try await trial.cancel(deployed)
            }
        },
        ConformanceCase(
            id: "contract.unchanged",
            promise: "an update that cannot be made is refused with a text, and the workload goes on as it was"
        ) { trial in
            try trial.needs({ !$0.unchanged.isEmpty }, "no example has updates that are to be refused")
            for example in trial.examples where !example.unchanged.isEmpty {
                let deployed = try await trial.deploy(example)
                for change in example.unchanged { try await trial.refusesUpdate(change, of: example, deployed) }
                try await trial.cancel(deployed)
            }
        },
        ConformanceCase(
            id: "contract.pause",
            promise: "a workload is paused and resumed, and keeps its result; asking twice changes nothing"
        ) { trial in
            let example = try trial.pausableExample()
            let deployed = try await trial.deploy(example)
            let before = try await trial.settled(deployed, "ok")
            try await trial.node.pause(deployed.contract)
            _ = try await trial.settled(deployed, "paused")
            for subject in try await trial.subjects(of: deployed) {
                try await trial.expectOkay("pause", ["subject": subject])
            }
            for subject in try await trial.subjects(of: deployed) {
                try await trial.expectOkay("provision", ["subject": subject, "paused": true])
            }
            try await trial.node.resume(deployed.contract)
            let after = try await trial.settled(deployed, "ok")
            for subject in try await trial.subjects(of: deployed) {
                try await trial.expectOkay("resume", ["subject": subject])
            }
            try trial.expectSame(before, after, "pause and resume")
            try await trial.cancel(deployed)
        },
        ConformanceCase(
            id: "contract.exports", promise: "exports are of the kinds that the manifest announces, and have a value"
        ) { trial in
            for example in trial.examples {
                let deployed = try await trial.deploy(example)
                for subject in try await trial.subjects(of: deployed) {
                    let type = subject["type"]?.stringValue ?? ""
                    let reply = try await trial.expectOkay("provision", ["subject": subject, "paused": false])
                    let declared = trial.plugin.exports(of: type)
                    for export in reply["exports"]?.arrayValue ?? [] {
                        let kind = export["kind"]?.stringValue ?? ""
                        try trial.expect(
                            declared.contains(kind),
                            "a workload of type \(type) exports '\(kind)', which the manifest does not announce")
                        try trial.expect(
                            export["value"].map { !$0.isNull } ?? false,
                            "the export '\(kind)' of type \(type) has no value")
                    }
                }
                try await trial.cancel(deployed)
            }
        },
        ConformanceCase(
            id: "contract.side-by-side",
            promise: "deployments of two twins come and go side by side without touching each other"
        ) { trial in
            let example = try trial.firstExample({ $0.parallel > 1 }, "no example has 'parallel' above 1")
            let before = try await trial.node.traces()
            let deployed = try await trial.several(example.parallel) { index in
                try await trial.accept(example, as: index.isMultiple(of: 2) ? .first : .second)
            }
            for one in deployed { _ = try await trial.settled(one, "ok") }
            let (leaving, staying) = (
                deployed.filter { $0.n.isMultiple(of: 2) }, deployed.filter { !$0.n.isMultiple(of: 2) }
            )
            for one in leaving { try await trial.node.cancel(one.contract, as: one.user) }
            for one in leaving { try await trial.removed(one) }
            for one in staying {
                _ = try await trial.settled(one, "ok")
                for subject in try await trial.subjects(of: one) {
                    try await trial.expectOkay("provision", ["subject": subject, "paused": false])
                }
            }
            for one in staying { try await trial.cancel(one) }
            try await trial.expectTraces(before)
        },
    ]
}

extension ConformanceTrial {
    func firstExample(
        _ matches: (ConformanceExample) -> Bool = { _ in true }, _ reason: String = "there is no example"
    ) throws -> ConformanceExample {
        guard let example = examples.first(where: matches) else { throw NotApplicable(reason) }
        return example
    }

    func needs(_ matches: (ConformanceExample) -> Bool, _ reason: String) throws {
        if !examples.contains(where: matches) { throw NotApplicable(reason) }
    }

    func pausableExample() throws -> ConformanceExample {
        try firstExample(
            { example in
                example.workloads.contains { plugin.isPausable($0["type"]?.stringValue ?? "") }
            }, "no type can be paused")
    }

    func expectAbility(_ isAnnounced: Bool, _ operation: String, _ answer: ConformanceAnswer, _ member: String) throws {
        if isAnnounced {
            try expect(
                answer.status != "unsupported",
                "\(member) is in the manifest, but the plugin does not answer \(operation)")
            try expect(answer.isAnswer, "\(operation) got no answer: \(answer.status) \(answer.message)")
        } else {
            // A yes would harm nobody, for nobody asks.
            try expect(answer.isAnswer, "\(operation) got no answer: \(answer.status) \(answer.message)")
        }
    }

    /// Asks, and expects a yes.
    @discardableResult
    func expectOkay(_ operation: String, _ payload: JSONValue) async throws -> JSONValue {
        let answer = try await node.ask(operation, payload)
        let name = payload["subject"]?["name"]?.stringValue ?? ""
        try expect(
            answer.status == "ok", "\(operation) of '\(name)' was answered with \(answer.status): \(answer.message)")
        return answer.reply
    }

    func expectSame(_ before: [ConformanceWorkload], _ after: [ConformanceWorkload], _ event: String) throws {
        for old in before where plugin.owns(old.type) {
            guard let new = after.first(where: { $0.name.utf8.elementsEqual(old.name.utf8) }) else {
                throw ConformanceFailure("\(event): workload '\(old.name)' is gone")
            }
            try expect(
                new.result == old.result,
                "\(event): the result of '\(old.name)' was \(old.result.text) and is now \(new.result.text)")
        }
    }

    func refusesUpdate(
        _ change: ConformanceExample.Change, of example: ConformanceExample, _ deployed: Deployed
    ) async throws {
        let before = try await settled(deployed, "ok")
        let start = try await node.history(of: deployed.contract, as: deployed.user).count
        try await node.update(deployed.contract, to: workloads(example, deployed.n, with: change), as: deployed.user)
        let entry = try await eventually("the update of '\(change.workload)' is answered") {
            try await self.node.history(of: deployed.contract, as: deployed.user).dropFirst(start)
                .first { $0.name.utf8.elementsEqual(example.name(of: change, deployed.n).utf8) && $0.state != "init" }
        }
        try expect(
            entry.state == "unchanged",
            "an impossible update of '\(change.workload)' ended in \(entry.state) \(entry.message)")
        try expect(!entry.message.isEmpty, "the refusal of an update of '\(change.workload)' has no text")
        try expectSame(before, try await settled(deployed, "ok"), "a refused update")
    }

    /// Does something several times side by side.
    func several<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> T) async throws -> [T] {
        try await withThrowingTaskGroup(of: T.self) { group in
            for index in 0..<count { group.addTask { try await body(index) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
