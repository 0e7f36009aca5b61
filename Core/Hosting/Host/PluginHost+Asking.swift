import JSON

extension PluginHost {
    /// Asks a plugin directly, past everything that checks what plugins are asked: for tests of plugins. A `subject` in the payload may be
    /// one that the node does not know; it may make calls as long as it is being asked about.
    ///
    /// - Throws: `HostingError`, as the plugin answered.
    public func ask(_ operation: PluginOperation, of id: String, _ payload: JSONValue) async throws -> JSONValue {
        guard let plugin = plugin(named: id) else {
            throw HostingError(.notRunning, "there is no plugin \(id)")
        }
        let subject = payload["subject"].flatMap(Subject.init(asked:))
        let isNew = subject.map { registry.owner(of: $0.id) == nil } ?? false
        if isNew, let subject { registry.record(subject, of: id) }
        defer { if isNew, let subject { registry.remove(subject.id) } }
        return try await plugin.worker.request(operation, payload: payload).0
    }
}

extension Subject {
    /// What brokers have to know of a made-up workload. Nil if it has no identity.
    fileprivate init?(asked json: JSONValue) {
        guard let id = json["id"]?.stringValue, let twin = json["twin"]?.uint64Value.flatMap(UInt32.init(exactly:)),
            let contract = json["contract"]?.uint64Value, let name = json["name"]?.stringValue,
            let type = json["type"]?.stringValue
        else { return nil }
        self.init(
            id: id, twin: twin, contract: contract, name: name, type: type, version: 0, data: json["data"] ?? .null)
    }
}
