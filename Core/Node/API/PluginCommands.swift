import Contracts
import Hosting
import JSON
import Provisioning
import RMB
import Synchronization

/// The commands that plugins declare in their manifests, each with its rule on who may call it.
final class PluginCommands: Sendable {
    private let host: PluginHost
    private let engine: Engine
    private let access: CallerAccess
    private let router: Router
    private let served = Mutex<Set<String>>([])

    init(host: PluginHost, engine: Engine, access: CallerAccess, router: Router) {
        self.host = host
        self.engine = engine
        self.access = access
        self.router = router
    }

    /// Serves exactly the commands that running plugins declare. Call again when those have changed.
    func refresh() {
        let commands = host.commands()
        let names = Set(commands.map(\.declaration.name))
        let gone = served.withLock { served in
            defer { served = names }
            return served.subtracting(names)
        }
        for name in gone { router.unregister(name) }
        serve(commands)
    }

    private func serve(_ commands: [TypeCatalog.Command]) {
        let (host, engine, access) = (host, engine, access)
        for command in commands {
            let name = command.declaration.name
            let types = host.types().filter { $0.plugin == command.plugin }.map(\.name)
            router.register(name) { request in
                let workloads = await engine.subjects(of: types, twin: request.caller.id)
                switch command.declaration.callers {
                case .any: break
                case .owner: break
                case .farmer: try await access.requireFarmer(request.caller)
                case .admin: try access.requireAdministrator(request.caller)
                }
                let payload = request.payload.isEmpty ? .null : try request.json()
                if let violation = command.request?.validate(payload).first {
                    throw CallError("the request of \(name) is not right: \(violation)")
                }
                do {
                    return try await host.command(
                        name, caller: request.caller.id, payload: payload, workloads: workloads)
                } catch let error as HostingError {
                    throw CallError(error.message)
                }
            }
        }
    }
}

/// Who is the farmer, who an administrator.
struct CallerAccess: Sendable {
    let ledger: any Ledger
    let farm: UInt32
    let administrators: [UInt32]

    func requireFarmer(_ caller: VerifiedTwin) async throws {
        guard try await ledger.farm(farm, at: .finalised)?.twin == caller.id else { throw CallError("unauthorized") }
    }

    func requireAdministrator(_ caller: VerifiedTwin) throws {
        guard administrators.contains(caller.id) else { throw CallError("unauthorized") }
    }
}
