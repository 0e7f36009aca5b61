import Contracts
import Hosting
import JSON
import Provisioning
import RMB

/// The commands that plugins declare in their manifests, each with its rule on who may call it.
struct PluginCommands: Sendable {
    let host: PluginHost
    let engine: Engine
    let access: CallerAccess

    func register(on router: Router) {
        for command in host.commands() {
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
