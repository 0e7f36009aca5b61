import JSON

/// Secrets: sealed at rest, readable by their owner alone, and nowhere else. No message here repeats a value.
struct SecretBroker {
    let room: BrokerRoom
    private static let entitlement = "secrets"

    func put(_ call: BrokerCall) async throws -> HostAnswer {
        let (store, owner) = try access(call)
        let name = try Self.name(call)
        let text = Array(try call.text("value").utf8)
        guard text.count <= SecretStore.sizeLimit else {
            throw HostingError(.invalid, "secret \(name) has more than \(SecretStore.sizeLimit) bytes")
        }
        let isNew = try await OwnThread.run { try store.put(text, as: name, of: owner) }
        return HostAnswer(["created": .bool(isNew)])
    }

    func get(_ call: BrokerCall) async throws -> HostAnswer {
        let (store, owner) = try access(call)
        let name = try Self.name(call)
        let text = try await OwnThread.run { try store.get(name, of: owner) }
        return HostAnswer(["value": text.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null])
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        let (store, owner) = try access(call)
        let name = try Self.name(call)
        try await OwnThread.run { try store.remove(name, of: owner) }
        return HostAnswer()
    }

    func list(_ call: BrokerCall) throws -> HostAnswer {
        let (store, owner) = try access(call)
        return HostAnswer(["names": .array(store.list(of: owner).map(JSONValue.string))])
    }

    private func access(_ call: BrokerCall) throws(HostingError) -> (SecretStore, SecretStore.Owner) {
        try call.parameters(of: Self.entitlement)
        guard let store = room.secrets else {
            throw HostingError(
                .unsupported, "this node keeps no secrets", hint: "its configuration names no key for them")
        }
        return (store, SecretStore.Owner(plugin: call.plugin, workload: call.workload))
    }

    private static func name(_ call: BrokerCall) throws(HostingError) -> String {
        let name = try call.text("name")
        guard CompanionText.isName(name), !name.hasSuffix(".new") else {
            throw HostingError(
                .invalid,
                "name has to be 1 to 64 of A-Z a-z 0-9 _ . -, beginning with neither . nor -, not ending in .new")
        }
        return name
    }
}
