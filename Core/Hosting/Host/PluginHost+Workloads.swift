import JSON

extension PluginHost: WorkloadHost {
    public func validate(_ subject: Subject) async throws {
        _ = try await serving(subject.type) { try await ask(.validate, of: $0, ["subject": subject.json]) }
    }

    public func capacity(type: String, data: JSONValue) async throws -> Capacity {
        let reply = try await serving(type) { plugin in
            try await ask(.capacity, of: plugin, ["type": .string(type), "data": data])
        }
        guard let reply else { return .none }
        guard let capacity = Capacity(reply) else {
            throw HostingError(.protocolViolation, "its plugin answered no capacity for type '\(type)'")
        }
        return capacity
    }

    public func references(type: String, data: JSONValue) async throws -> [ReferenceDemand] {
        let reply = try await serving(type) { plugin in
            try await ask(.references, of: plugin, ["type": .string(type), "data": data])
        }
        guard let hosted = self.type(named: type) else { return [] }
        var demands = hosted.references.flatMap { $0.demands(in: data) }
        for item in reply?["references"]?.arrayValue ?? [] {
            guard let name = item["name"]?.stringValue else { continue }
            demands.append(
                ReferenceDemand(
                    pointer: item["pointer"]?.stringValue ?? "", name: name,
                    exports: (item["exports"]?.arrayValue ?? []).compactMap(\.stringValue), types: nil,
                    scope: .deployment))
        }
        return demands
    }

    public func provision(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try await acting(on: subject) { plugin, subject in
            let (reply, _) = try await plugin.worker.request(
                .provision, payload: ["subject": subject.json, "paused": .bool(paused)])
            return try outcome(reply, of: subject)
        }
    }

    public func recover(_ subject: Subject, paused: Bool) async throws -> HostOutcome {
        try await acting(on: subject) { plugin, subject in
            let payload: JSONValue = ["subject": subject.json, "paused": .bool(paused)]
            if let reply = try await ask(.recover, of: plugin, payload) { return try outcome(reply, of: subject) }
            return try outcome(try await plugin.worker.request(.provision, payload: payload).0, of: subject)
        }
    }

    public func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome {
        try await acting(on: subject) { plugin, subject in
            let payload: JSONValue = ["subject": subject.json, "previous": previous]
            guard let reply = try await ask(.update, of: plugin, payload) else {
                return HostOutcome(.unchanged, message: "plugin \(plugin.id) cannot change this in place")
            }
            return try outcome(reply, of: subject)
        }
    }

    public func pause(_ subject: Subject) async throws -> HostOutcome {
        try await suspend(.pause, subject)
    }

    public func resume(_ subject: Subject) async throws -> HostOutcome {
        try await suspend(.resume, subject)
    }

    public func deprovision(_ subject: Subject) async throws {
        try await acting(on: subject) { plugin, subject in
            _ = try await plugin.worker.request(.deprovision, payload: ["subject": subject.json])
        }
        registry.remove(subject.id)
    }

    public func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws
        -> JSONValue
    {
        let declared = commands().first { $0.declaration.name.utf8.elementsEqual(name.utf8) }
        guard let declared, let door = door(named: declared.plugin) else {
            throw HostingError(.unsupported, "function is not found")
        }
        let plugin = await door.enter()
        defer { plugin.leave() }
        let (reply, _) = try await plugin.worker.request(
            .command,
            payload: [
                "command": .string(name), "caller": .number(JSONNumber(caller)), "payload": payload,
                "workloads": .array(workloads.map(\.json)),
            ])
        return reply
    }

    private func outcome(_ reply: JSONValue, of subject: Subject) throws(HostingError) -> HostOutcome {
        try HostOutcome(reply: reply, exporting: type(named: subject.type)?.exports ?? [])
    }

    private func suspend(_ operation: PluginOperation, _ subject: Subject) async throws -> HostOutcome {
        try await acting(on: subject) { plugin, subject in
            guard let reply = try await ask(operation, of: plugin, ["subject": subject.json]) else {
                return HostOutcome(.ready)
            }
            return try outcome(reply, of: subject)
        }
    }

    /// Asks the version that serves a type; it is not ended before `body` returns.
    private func serving<T>(_ type: String, _ body: (HostedPlugin) async throws -> T) async throws -> T {
        let plugin = try await door(serving: type).enter()
        defer { plugin.leave() }
        return try await body(plugin)
    }

    /// The same about a workload, whose state is in the form of that version when `body` gets it.
    private func acting<T>(
        on subject: Subject, _ body: (HostedPlugin, Subject) async throws -> T
    ) async throws -> T {
        try await serving(subject.type) { plugin in
            registry.record(subject, of: plugin.id)
            let migration = StateMigration(manifest: plugin.package.manifest, ready: plugin.worker.status.ready)
            let current = try await migration.apply(to: subject) { payload in
                try await plugin.worker.request(.migrate, payload: payload).0
            }
            return try await body(plugin, current)
        }
    }

    /// Asks for an ability that a plugin may lack. Nil if it does: known from its word when it became ready, or from its refusal.
    private func ask(_ operation: PluginOperation, of plugin: HostedPlugin, _ payload: JSONValue) async throws
        -> JSONValue?
    {
        if let ready = plugin.worker.status.ready, !ready.has(operation) { return nil }
        let answer: Result<JSONValue, HostingError> = await plugin.worker.attempt(operation, payload)
        if case .failure(let error) = answer, error.code == .unsupported { return nil }
        return try answer.get()
    }
}

extension PluginWorker {
    /// As `request`, with the outcome as a value.
    fileprivate func attempt(_ operation: PluginOperation, _ payload: JSONValue) async -> Result<
        JSONValue, HostingError
    > {
        do throws(HostingError) {
            return .success(try await request(operation, payload: payload).0)
        } catch {
            return .failure(error)
        }
    }
}
