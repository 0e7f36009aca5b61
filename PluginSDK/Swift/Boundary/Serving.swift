import JSON

/// Types and the provisioner that serves them, with its abilities discovered.
public struct Serving: Sendable {
    typealias Step = @Sendable (_ request: JSONValue, _ context: Context) async throws -> JSONValue

    let types: [String]
    let commands: [String]
    /// The operations that the provisioner has.
    let steps: [Operation: Step]

    /// - Parameter types: names as in the manifest.
    public init<P: Provisioner>(_ types: String..., by provisioner: P) {
        let serves: @Sendable (JSONValue) -> Bool = { subject in
            types.contains { $0.utf8.elementsEqual(subject["type"]?.stringValue?.utf8 ?? "".utf8) }
        }
        var steps = Serving.required(provisioner)
        (provisioner as? any Initializing).map { steps[.initialize] = Serving.initialize($0, serves) }
        (provisioner as? any Updating).map { steps[.update] = Serving.update($0) }
        (provisioner as? any Recovering).map { steps[.recover] = Serving.recover($0) }
        (provisioner as? any Migrating).map { steps[.migrate] = Serving.migrate($0) }
        (provisioner as? any Validating).map { steps[.validate] = Serving.validate($0) }
        (provisioner as? any Measuring).map { steps[.capacity] = Serving.capacity($0) }
        (provisioner as? any Referencing).map { steps[.references] = Serving.references($0) }
        (provisioner as? any Commanding).map { steps[.command] = Serving.command($0, serves) }
        if let pausing = provisioner as? any Pausing {
            steps[.pause] = Serving.pause(pausing)
            steps[.resume] = Serving.resume(pausing)
        }
        if let checking = provisioner as? any HealthChecking {
            steps[.health] = { _, context in try await checking.health(in: context).json }
        }
        if let reporting = provisioner as? any Reporting {
            steps[.metrics] = { _, context in
                ["metrics": .array(try await reporting.metrics(in: context).map(\.json))]
            }
        }
        if let watching = provisioner as? any CompanionWatching {
            steps[.companionExited] = { request, context in
                let exit = try CompanionExit(request)
                return try await watching.companionExited(
                    exit, in: context.acting(for: exit.workload.isEmpty ? nil : exit.workload)
                ).json
            }
        }
        (provisioner as? any TimerHandling).map { steps[.timer] = Serving.timer($0) }
        self.types = types
        self.commands = (provisioner as? any Commanding)?.commands ?? []
        self.steps = steps
    }

    private static func required<P: Provisioner>(_ provisioner: P) -> [Operation: Step] {
        [
            .provision: { request, context in
                let paused = request["paused"]?.boolValue ?? false
                let workload: Workload<P.Data> = try subject(request, isPaused: paused)
                return try await provisioner.provision(workload, in: context.acting(for: workload.id)).json()
            },
            .deprovision: { request, context in
                let workload: Workload<P.Data> = try subject(request)
                try await provisioner.deprovision(workload, in: context.acting(for: workload.id))
                return [:]
            },
        ]
    }

    private static func initialize<P: Initializing>(
        _ provisioner: P, _ serves: @escaping @Sendable (JSONValue) -> Bool
    ) -> Step {
        { request, context in
            try await provisioner.initialize(all(request, serves, context), in: context)
            return [:]
        }
    }

    private static func update<P: Updating>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request)
            let previous: P.Data = try decodeData(request["previous"])
            return try await provisioner.update(workload, from: previous, in: context.acting(for: workload.id)).json()
        }
    }

    private static func recover<P: Recovering>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request, isPaused: request["paused"]?.boolValue ?? false)
            return try await provisioner.recover(workload, in: context.acting(for: workload.id)).json()
        }
    }

    private static func migrate<P: Migrating>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request)
            guard let state = workload.state else { throw PluginError.invalid("the workload has no state to migrate") }
            let migrated = try await provisioner.migrate(workload, from: state, in: context.acting(for: workload.id))
            return ["state": migrated.json]
        }
    }

    private static func validate<P: Validating>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request)
            try await provisioner.validate(workload, in: context.acting(for: workload.id))
            return [:]
        }
    }

    private static func pause<P: Pausing>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request)
            try await provisioner.pause(workload, in: context.acting(for: workload.id))
            return [:]
        }
    }

    private static func resume<P: Pausing>(_ provisioner: P) -> Step {
        { request, context in
            let workload: Workload<P.Data> = try subject(request)
            try await provisioner.resume(workload, in: context.acting(for: workload.id))
            return [:]
        }
    }

    private static func timer<P: TimerHandling>(_ provisioner: P) -> Step {
        { request, context in
            let subject = request["subject"].flatMap { $0.isNull ? Optional.none : $0 }
            let timer = FiredTimer<P.Data>(
                name: try request.text("timer"), due: try request.integer("due"),
                content: request["content"] ?? .null, workload: try subject.map { try Workload($0) })
            try await provisioner.timer(timer, in: context.acting(for: timer.workload?.id))
            return [:]
        }
    }

    private static func capacity<P: Measuring>(_ provisioner: P) -> Step {
        { request, _ in try provisioner.capacity(of: try decodeData(request["data"])).json }
    }

    private static func references<P: Referencing>(_ provisioner: P) -> Step {
        { request, _ in
            let references = try provisioner.references(of: try decodeData(request["data"]))
            return ["references": .array(references.map(\.json))]
        }
    }

    private static func command<P: Commanding>(
        _ provisioner: P, _ serves: @escaping @Sendable (JSONValue) -> Bool
    ) -> Step {
        { request, context in
            let command = Command<P.Data>(
                name: try request.text("command"), caller: try request.integer("caller"),
                payload: request["payload"] ?? .null, workloads: try all(request, serves, context))
            return try await provisioner.answer(command, in: context)
        }
    }

    private static func subject<Data>(_ request: JSONValue, isPaused: Bool = false) throws -> Workload<Data> {
        guard let subject = request["subject"] else { throw PluginError.invalid("the request has no subject") }
        return try Workload(subject, isPaused: isPaused)
    }

    /// The workloads of a list that are of the provisioner's types. One that cannot be read is logged and left out,
    /// so that it does not keep the others from being served.
    private static func all<Data>(_ request: JSONValue, _ serves: (JSONValue) -> Bool, _ context: Context) throws
        -> [Workload<Data>]
    {
        try request.list("workloads").filter(serves).compactMap { subject in
            do { return try Workload(subject) } catch {
                context.log(.warning, "left out \(subject["id"]?.stringValue ?? "a workload"): \(error)")
                return nil
            }
        }
    }
}
