import CHost
import Glibc
import JSON

/// TCP ports inside namespaces that lead to a socket of a companion: how members of a user's network reach a program that
/// has no network at all, such as a machine's console.
struct ListenerBroker {
    let room: BrokerRoom
    static let entitlement = "listeners"
    private static let mostCallers: UInt64 = 64

    private struct Place {
        let namespace: String
        let address: String
        /// Who owns the namespace.
        let owner: String
    }

    func open(_ call: BrokerCall) async throws -> HostAnswer {
        let parameters = try call.parameters(of: Self.entitlement)
        guard call.workload != nil else {
            throw HostingError(.invalid, "a listener belongs to a workload: the call has to name one")
        }
        let port = try port(call, parameters)
        let place = try place(call)
        let instance = try call.text("instance"), socket = try call.text("socket")
        guard CompanionText.isName(instance), CompanionText.isName(socket) else {
            throw HostingError(.invalid, "instance and socket are called by file names without folder")
        }
        guard let sharing = Splice.Sharing(rawValue: try call.optionalText("sharing") ?? "each") else {
            throw HostingError(.invalid, #"sharing has to be "each" or "shared""#)
        }
        guard let idle = (call.request["idle"] ?? 3600).uint64Value, (10...86400).contains(idle) else {
            throw HostingError(.invalid, "idle has to be from 10 to 86400 seconds")
        }
        guard let limit = (call.request["callers"] ?? 8).uint64Value, (1...Self.mostCallers).contains(limit) else {
            throw HostingError(.invalid, "callers has to be from 1 to \(Self.mostCallers)")
        }
        let record = ObjectRecord(
            kind: .listener, name: "\(place.namespace)|\(place.address)|\(port)", plugin: call.plugin,
            workload: call.workload,
            parameters: [
                "namespace": .string(place.namespace), "owner": .string(place.owner), "address": .string(place.address),
                "port": .number(JSONNumber(port)), "instance": .string(instance), "socket": .string(socket),
                "sharing": .string(sharing.rawValue), "idle": .number(JSONNumber(idle)),
                "callers": .number(JSONNumber(limit)),
            ])
        let room = room
        let created = try await room.create(record, undo: { room.listeners.close(record.key) }) {
            if room.listeners.isOpen(record.key) { return false }
            try Self.listen(record, room)
            return true
        }
        return HostAnswer(["created": .bool(created)])
    }

    private func port(_ call: BrokerCall, _ parameters: JSONValue) throws(HostingError) -> UInt16 {
        guard let port = call.request["port"]?.uint64Value.flatMap(UInt16.init(exactly:)), port > 0 else {
            throw HostingError(.invalid, "port has to be from 1 to 65535")
        }
        let least = parameters["ports"]?["from"]?.uint64Value ?? 1, most = parameters["ports"]?["to"]?.uint64Value ?? 0
        guard least <= most, (least...most).contains(UInt64(port)) else {
            throw HostingError(
                .denied, "entitlement \(Self.entitlement) of plugin \(call.plugin) does not cover port \(port)",
                hint: #"its parameters have to be like {"ports": {"from": 20000, "to": 20255}}"#)
        }
        return port
    }

    /// A namespace of the plugin's own, or the address that a workload exports to the calling one.
    private func place(_ call: BrokerCall) throws -> Place {
        if let reference = try call.optionalText("reference") {
            let export = try ExportAccess(room: room).export(reference, kind: "address", for: call)
            guard let namespace = export.value["namespace"]?.stringValue,
                let record = room.ledger.record(.namespace, namespace), record.plugin == export.plugin,
                record.workload == nil || record.workload == reference
            else {
                throw HostingError(.denied, "what \(reference) exports is no address in a namespace of its own")
            }
            return Place(
                namespace: namespace, address: try Self.address(export.value["address"]?.stringValue ?? ""),
                owner: record.plugin)
        }
        let namespace = try call.name("namespace")
        let record = try room.ledger.require(.namespace, namespace, for: call)
        return Place(namespace: namespace, address: try Self.address(try call.text("address")), owner: record.plugin)
    }

    private static func address(_ text: String) throws(HostingError) -> String {
        guard let address = CompanionText.address(text, nil) else {
            throw HostingError(.invalid, "address has to be an IP address in digits")
        }
        return address
    }

    /// Blocks for a moment.
    private static func listen(_ record: ObjectRecord, _ room: BrokerRoom) throws(HostingError) {
        let value = record.parameters
        guard let namespace = value["namespace"]?.stringValue, let address = value["address"]?.stringValue,
            let port = value["port"]?.uint64Value.flatMap(UInt16.init(exactly:)), let workload = record.workload,
            let instance = value["instance"]?.stringValue, let socket = value["socket"]?.stringValue,
            let sharing = value["sharing"]?.stringValue.flatMap(Splice.Sharing.init(rawValue:)),
            let idle = value["idle"]?.int64Value, let limit = value["callers"]?.intValue
        else { throw HostingError(.operationFailed, "the record of \(record.key) is incomplete") }
        let target = ListenerHub.Target(
            identity: try CompanionIdentity(plugin: record.plugin, instance: instance), workload: workload,
            socket: socket, sharing: sharing, idle: .seconds(idle), limit: limit)
        let place = try room.network.place(namespace)
        var result = zos_listen_in(place.number, address, port, 16)
        // One that was closed just now holds its port for a moment longer.
        for _ in 0..<50 where result == -EADDRINUSE {
            usleep(2000)
            result = zos_listen_in(place.number, address, port, 16)
        }
        if result == -EADDRINUSE {
            throw HostingError(.invalid, "port \(port) on \(address) is in use in the namespace \(namespace)")
        }
        let listener = OwnedDescriptor(taking: try checked(result, "listen on \(address) port \(port)"))
        try room.listeners.open(record.key, listener, target)
    }

    /// Ends the workload's listeners for a socket; none is success.
    func close(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let instance = JSONValue.string(try call.text("instance")), socket = JSONValue.string(try call.text("socket"))
        for record in room.ledger.all()
        where record.kind == .listener && record.plugin == call.plugin && record.workload == call.workload {
            guard record.parameters["instance"] == instance, record.parameters["socket"] == socket else { continue }
            try await remove(record)
        }
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        let room = room
        try await room.delete(record) { room.listeners.close(record.key) }
    }

    /// Closes what listens in a namespace that goes: a socket would keep it. The records stay for one of the same name.
    static func suspend(in namespace: String, _ room: BrokerRoom) {
        for record in records(in: namespace, room) { room.listeners.close(record.key) }
    }

    /// Listens again in a namespace that is there again. Blocks for a moment.
    static func resume(in namespace: String, ownedBy owner: String, _ room: BrokerRoom) {
        for record in records(in: namespace, room) where record.parameters["owner"] == .string(owner) {
            resume(record, room)
        }
    }

    /// Listens again where an earlier core did. Blocks for a moment.
    static func resumeAll(_ room: BrokerRoom) {
        for record in room.ledger.all() where record.kind == .listener { resume(record, room) }
    }

    private static func resume(_ record: ObjectRecord, _ room: BrokerRoom) {
        guard !room.listeners.isOpen(record.key) else { return }
        do { try listen(record, room) } catch {
            // Its namespace is gone, as after a reboot: whoever makes it again gets the listener back.
            room.log.info("listener not opened again", metadata: ["object": "\(record.key)", "error": "\(error)"])
        }
    }

    private static func records(in namespace: String, _ room: BrokerRoom) -> [ObjectRecord] {
        room.ledger.all().filter { $0.kind == .listener && $0.parameters["namespace"] == .string(namespace) }
    }
}
