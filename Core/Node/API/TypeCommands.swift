import Hosting
import JSON
import RMB

/// `zos.workload.*` and `zos.plugin.list`: what can be deployed here, and by whose plugin.
struct TypeCommands: Sendable {
    let host: any CommandHost

    func register(on router: Router) {
        router.register("zos.workload.types") { _ in
            .array(host.types().map(summary))
        }
        router.register("zos.workload.describe") { request in
            let payload = try request.json()
            guard let name = try payload.stringValue ?? CommandArguments(payload)["type"]?.stringValue else {
                throw CallError("name the type: {\"type\": text}")
            }
            guard let type = host.type(named: name) else { throw CallError("invalid reservation type '\(name)'") }
            return describe(type)
        }
        router.register("zos.plugin.list") { _ in .array(host.reports().map(\.json)) }
    }

    private func summary(_ type: HostedType) -> JSONValue {
        [
            "name": .string(type.name), "plugin": .string(type.plugin), "version": .string(type.pluginVersion),
            "summary": .string(type.summary), "shareable": .bool(type.isShareable),
            "updatable": .array(type.updatable.map { .string($0) }), "pausable": .bool(type.isPausable),
        ]
    }

    private func describe(_ type: HostedType) -> JSONValue {
        guard case .object(var object) = summary(type) else { return .null }
        object["schema"] = type.schema
        let report = host.reports().first { $0.id == type.plugin }
        object["abilities"] = .array((report?.abilities ?? []).map { .string($0) })
        object["exports"] = .array(type.exports.map { .string($0) })
        object["references"] = .array(
            type.references.map { reference in
                [
                    "pointer": .string(reference.pointer), "exports": .array(reference.exports.map { .string($0) }),
                    "types": reference.types.map { .array($0.map { .string($0) }) } ?? .null,
                    "scope": .string(reference.scope.rawValue),
                ]
            })
        return .object(object)
    }
}
