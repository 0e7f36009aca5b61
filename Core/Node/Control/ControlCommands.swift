import Hosting
import JSON
import Synchronization

/// What an operator can ask the node on its control socket. Every part of the node registers its own commands.
public final class ControlCommands: Sendable {
    /// Answers a command's arguments. Throws `ControlError` or `HostingError` to refuse; whatever else it throws becomes `failed`.
    public typealias Handler = @Sendable (_ arguments: JSONValue) async throws -> JSONValue

    private let handlers = Mutex<[String: Handler]>([:])

    public init() {}

    /// Serves a command, such as `plugin.install`. One that is served already is replaced.
    public func register(_ command: String, _ handler: @escaping Handler) {
        handlers.withLock { $0[command] = handler }
    }

    /// All commands, sorted.
    public var names: [String] { handlers.withLock { $0.keys.sorted() } }

    /// Answers one line: `{"command": text, "arguments": object}` becomes `{"result": any}` or `{"error": …}`.
    func answer(_ line: [UInt8]) async -> JSONValue {
        do {
            return ["result": try await result(line)]
        } catch let error as ControlError {
            return error.json
        } catch let error as HostingError {
            return ControlError(error.code.rawValue, error.message, hint: error.hint).json
        } catch {
            return ControlError("failed", "\(error)").json
        }
    }

    private func result(_ line: [UInt8]) async throws -> JSONValue {
        let request: JSONValue
        do {
            request = try JSONValue(parsing: line)
        } catch {
            throw ControlError("bad_request", "the request is no JSON: \(error)")
        }
        guard let name = request["command"]?.stringValue else {
            throw ControlError("bad_request", "a request is {\"command\": text, \"arguments\": object}")
        }
        let arguments = request["arguments"] ?? [:]
        guard arguments.objectValue != nil else {
            throw ControlError("bad_request", "the arguments of '\(name)' are no object")
        }
        guard let handler = handlers.withLock({ $0[name] }) else {
            throw ControlError(
                "unknown_command", "this node has no command '\(name)'",
                hint: "it has " + names.joined(separator: ", "))
        }
        return try await handler(arguments)
    }
}
