import JSON

extension PluginHost: WorkloadHost {
    public func validate(_ subject: Subject) async throws {
        let plugin = try plugin(serving: subject.type)
        _ = try await ask(.validate, of: plugin, ["subject": subject.json])
    }

    public func capacity(type: String, data: JSONValue) async throws -> Capacity {
        let plugin = try plugin(serving: type)
        guard let reply = try await ask(.capacity, of: plugin, ["type": .string(type), "data": data]) else {
            return .none
        }
        guard let capacity = Capacity(reply) else {
            throw HostingError(.protocolViolation, "plugin \(plugin.id) answered no capacity for type '\(type)'")
        }
        return capacity
    }

    public func references(type: String, data: JSONValue) async throws -> [ReferenceDemand] {
        let plugin = try plugin(serving: type)
        guard let hosted = self.type(named: type) else { return [] }
        var demands = hosted.references.flatMap { $0.demands(in: data) }
        guard let reply = try await ask(.references, of: plugin, ["type": .string(type), "data": data]) else {
            return demands
        }
        for item in reply["references"]?.arrayValue ?? [] {
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
        let plugin = try plugin(serving: subject.type)
        registry.record(subject, of: plugin.id)
        let (reply, _) = try await plugin.worker.request(
            .provision, payload: ["subject": subject.json, "paused": .bool(paused)])
        return try HostOutcome(reply: reply)
    }

    public func update(_ subject: Subject, previous: JSONValue) async throws -> HostOutcome {
        let plugin = try plugin(serving: subject.type)
        registry.record(subject, of: plugin.id)
        guard let reply = try await ask(.update, of: plugin, ["subject": subject.json, "previous": previous]) else {
            return HostOutcome(.unchanged, message: "plugin \(plugin.id) cannot change this in place")
        }
        return try HostOutcome(reply: reply)
    }

    public func pause(_ subject: Subject) async throws -> HostOutcome {
        try await suspend(.pause, subject)
    }

    public func resume(_ subject: Subject) async throws -> HostOutcome {
        try await suspend(.resume, subject)
    }

    public func deprovision(_ subject: Subject) async throws {
        let plugin = try plugin(serving: subject.type)
        registry.record(subject, of: plugin.id)
        _ = try await plugin.worker.request(.deprovision, payload: ["subject": subject.json])
        registry.remove(subject.id)
    }

    public func command(_ name: String, caller: UInt32, payload: JSONValue, workloads: [Subject]) async throws
        -> JSONValue
    {
        guard let declared = catalogCommand(name), let plugin = plugin(named: declared.plugin) else {
            throw HostingError(.unsupported, "function is not found")
        }
        let (reply, _) = try await plugin.worker.request(
            .command,
            payload: [
                "command": .string(name), "caller": .number(JSONNumber(caller)), "payload": payload,
                "workloads": .array(workloads.map(\.json)),
            ])
        return reply
    }

    private func catalogCommand(_ name: String) -> TypeCatalog.Command? {
        commands().first { $0.declaration.name == name }
    }

    private func suspend(_ operation: PluginOperation, _ subject: Subject) async throws -> HostOutcome {
        let plugin = try plugin(serving: subject.type)
        registry.record(subject, of: plugin.id)
        guard let reply = try await ask(operation, of: plugin, ["subject": subject.json]) else {
            return HostOutcome(.ready)
        }
        return try HostOutcome(reply: reply)
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

extension WorkerSession {
    /// Tells a plugin that has just started about its workloads; one that needs no preparation says that it does not know the operation.
    func initialize(_ subjects: [Subject]) async throws(HostingError) {
        let payload: JSONValue = ["workloads": .array(subjects.map(\.json))]
        let answer: Result<Void, HostingError>
        do throws(HostingError) {
            _ = try await request(.initialize, payload: payload)
            answer = .success(())
        } catch {
            answer = .failure(error)
        }
        if case .failure(let error) = answer, error.code == .unsupported { return }
        try answer.get()
    }
}
