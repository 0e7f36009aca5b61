import JSON

/// Other workloads, as far as the rules let one workload see another.
struct LookupBroker {
    let room: BrokerRoom
    private static let entitlement = "lookup"

    /// The plugin's own workloads; with a workload, those of the same deployment.
    func list(_ call: BrokerCall) async throws -> HostAnswer {
        let own = room.registry.subjects(of: call.plugin).filter { subject in
            guard let asking = call.subject else { return true }
            return subject.twin == asking.twin && subject.contract == asking.contract
        }
        var list: [JSONValue] = []
        for subject in own.sorted(by: { $0.id < $1.id }) {
            list.append([
                "id": .string(subject.id), "name": .string(subject.name), "type": .string(subject.type),
                "version": .number(JSONNumber(subject.version)), "twin": .number(JSONNumber(subject.twin)),
                "contract": .number(JSONNumber(subject.contract)),
            ])
        }
        return HostAnswer(["workloads": .array(list)])
    }

    /// One workload that the calling one may name: of its deployment, or a shareable one of the same twin.
    func find(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        guard let subject = call.subject else {
            throw HostingError(.invalid, "a lookup is made for a workload: the call has to name one")
        }
        let wanted: WorkloadName
        switch (try call.optionalText("name"), try call.optionalText("reference")) {
        case (let name?, nil): wanted = .name(name)
        case (nil, let id?): wanted = .id(id)
        default: throw HostingError(.invalid, "a lookup has either a name or a reference, a workload's id")
        }
        // What exists elsewhere and what does not exist look the same.
        guard let found = await room.events?.lookup(wanted, from: subject) else {
            return HostAnswer(["workload": .null])
        }
        let reference = subject.references.first { $0.workload.utf8.elementsEqual(found.id.utf8) }
        let isOwn = room.registry.subject(found.id, of: call.plugin) != nil
        var json: JSONObject = [
            "id": .string(found.id), "name": .string(found.name), "type": .string(found.type),
            "version": .number(JSONNumber(found.version)), "state": .string(found.state),
        ]
        if isOwn || reference != nil {
            json["data"] = found.data
            json["result"] = found.result
        }
        // Only what a declared reference asks for is handed over.
        json["exports"] = .array((reference?.exports ?? []).map(\.json))
        return HostAnswer(["workload": .object(json)])
    }
}
