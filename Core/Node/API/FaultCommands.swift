import Hosting
import JSON
import Provisioning
import RMB

/// `zos.unsafe.faults.*`: what tests of plugins need of a development node. Registered only with `unsafe_faults`, for administrators only.
struct FaultCommands: Sendable {
    let board: FaultBoard
    let host: PluginHost
    let engine: Engine
    let access: CallerAccess

    func register(on router: Router) {
        func command(_ name: String, _ body: @escaping @Sendable (JSONValue) async throws -> JSONValue) {
            router.register("zos.unsafe.faults.\(name)") { request in
                try access.requireAdministrator(request.caller)
                return try await body(request.payload.isEmpty ? [:] : try request.json())
            }
        }
        command("watch") { arguments in
            board.watch(try Self.text("plugin", arguments), holdAt: arguments["at"]?.intValue)
            return [:]
        }
        command("state") { _ in board.json }
        command("release") { _ in
            board.release()
            return [:]
        }
        command("subjects") { arguments in
            let plugin = try Self.text("plugin", arguments)
            let types = host.types().filter { $0.plugin == plugin }.map(\.name)
            return .array(await engine.subjects(of: types).map(\.json))
        }
        command("ask") { arguments in try await ask(arguments) }
    }

    /// How long a question waits for the node's own work; an operation that is held goes on for ever.
    private static let patience = Duration.seconds(10)

    /// Asks a plugin directly, as the node would: once the node has nothing of its own to ask, since it never asks two things
    /// about one workload at once. The answer has `status`: `ok` with `reply`, or the refusal's code with `message`.
    private func ask(_ arguments: JSONValue) async throws -> JSONValue {
        let name = try Self.text("operation", arguments)
        guard let operation = PluginOperation.allCases.first(where: { "\($0)" == name }) else {
            throw CallError("there is no operation '\(name)'")
        }
        let end = ContinuousClock.now + Self.patience
        while await !engine.isIdle, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        do {
            let reply = try await host.ask(
                operation, of: try Self.text("plugin", arguments), arguments["payload"] ?? [:])
            return ["status": "ok", "reply": reply]
        } catch let error as HostingError {
            return ["status": .string(error.code.rawValue), "message": .string(error.message)]
        }
    }

    private static func text(_ name: String, _ arguments: JSONValue) throws -> String {
        guard let text = arguments[name]?.stringValue else { throw CallError("'\(name)' is missing") }
        return text
    }
}
