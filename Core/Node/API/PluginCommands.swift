import Hosting
import JSON
import Provisioning
import RMB
import Synchronization

/// The commands that plugins declare in their manifests, each with its rule on who may call it.
final class PluginCommands: Sendable {
    private let host: any CommandHost
    private let engine: Engine
    private let access: CallerAccess
    private let router: Router
    private let served = Mutex<Set<String>>([])

    init(host: any CommandHost, engine: Engine, access: CallerAccess, router: Router) {
        self.host = host
        self.engine = engine
        self.access = access
        self.router = router
    }

    /// Serves exactly the commands that running plugins declare. Call again when those have changed.
    func refresh() {
        let commands = host.commands().filter { $0.declaration.callers != .node }
        let names = Set(commands.map(\.declaration.name))
        let gone = served.withLock { served in
            defer { served = names }
            return served.subtracting(names)
        }
        for name in gone { router.unregister(name) }
        for command in commands { serve(command) }
    }

    private func serve(_ command: TypeCatalog.Command) {
        let (host, engine, access) = (host, engine, access)
        let name = command.declaration.name
        router.register(name) { request in
            switch command.declaration.callers {
            case .any, .owner: break
            case .farmer: try await access.requireFarmer(request.caller)
            case .admin: try access.requireAdministrator(request.caller)
            case .node: throw CallError("function is not found")
            }
            let payload = Self.spelled(
                request.payload.isEmpty ? .null : try request.json(), as: command.declaration.request)
            if let violation = command.request?.validate(payload).first {
                throw CallError("the request of \(name) is not right: \(violation)")
            }
            let types = host.types().filter { $0.plugin == command.plugin }.map(\.name)
            let workloads = await engine.served(types, of: request.caller.id)
            do {
                return try await host.command(name, caller: request.caller.id, payload: payload, workloads: workloads)
            } catch let error as HostingError {
                throw CallError(error.message)
            }
        }
    }

    /// The payload as the grid's programs would read it: members that the schema names, spelled as it does; null and no object
    /// where an object is wanted as one without members. What the schema does not name stays as it is.
    static func spelled(_ payload: JSONValue, as schema: JSONValue?) -> JSONValue {
        guard let names = schema?["properties"]?.objectValue?.keys, schema?["type"] == "object" else { return payload }
        if payload.isNull { return [:] }
        guard var object = payload.objectValue else { return payload }
        for name in names {
            guard object[name] == nil, let value = object.folded(name) else { continue }
            let folded = JSONObject.fold(name)
            object.members.removeAll { JSONObject.fold($0.key) == folded }
            object[name] = value
        }
        // Null is the zero value, which for an optional member is its absence.
        object.members.removeAll { member in names.contains(member.key) && member.value.isNull }
        return .object(object)
    }
}
