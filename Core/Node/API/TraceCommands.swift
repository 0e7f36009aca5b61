import Hosting
import JSON
import RMB

/// `zos.unsafe.trace`: what plugins tried. Registered only with `unsafe_trace_plugins`, for administrators only.
struct TraceCommands: Sendable {
    let trace: SandboxTrace
    let access: CallerAccess

    func register(on router: Router) {
        router.register("zos.unsafe.trace") { request in
            try access.requireAdministrator(request.caller)
            let arguments: JSONValue = request.payload.isEmpty ? [:] : try request.json()
            let plugins = arguments["plugin"]?.stringValue.map { [$0] } ?? trace.plugins
            return .array(
                plugins.map { plugin in
                    var object = trace.json(for: plugin).objectValue ?? [:]
                    object["text"] = .string(trace.text(for: plugin))
                    return .object(object)
                })
        }
    }
}
