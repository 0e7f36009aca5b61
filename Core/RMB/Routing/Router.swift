import JSON
import Synchronization

/// The commands of this node and who may call them (`docs/spec/node-api.md` section 1).
///
/// A command is split at its dots, level by level. At each level the guards run before anything is looked up, so a
/// caller who may not enter does not learn what is inside. Commands can come and go while the node runs.
public final class Router: Sendable {
    /// Answers a request. An error's description is what the caller reads.
    public typealias Handler = @Sendable (RMBRequest) async throws -> JSONValue
    /// Throws to refuse the caller, usually `CallError("unauthorized")`.
    public typealias Guard = @Sendable (VerifiedTwin) async throws -> Void

    private final class Level {
        var levels: [String: Level] = [:]
        var handlers: [String: Handler] = [:]
        var guards: [Guard] = []
    }

    /// The tree; only touched under the lock.
    private let root = Mutex<Level>(Level())

    public init() {}

    /// Serves a command. A command that is served already is replaced.
    public func register(_ command: String, _ handler: @escaping Handler) {
        let parts = Self.parts(command)
        root.withLock { root in
            let level = Self.level(parts.dropLast(), below: root)
            level.handlers[parts[parts.count - 1]] = handler
        }
    }

    /// Stops serving a command.
    public func unregister(_ command: String) {
        let parts = Self.parts(command)
        root.withLock { root in
            let level = Self.level(parts.dropLast(), below: root)
            level.handlers[parts[parts.count - 1]] = nil
        }
    }

    /// Lets only callers that the guard accepts call anything below a prefix, such as `zos.admin`.
    public func restrict(_ prefix: String, _ guard: @escaping Guard) {
        root.withLock { root in
            Self.level(Self.parts(prefix)[...], below: root).guards.append(`guard`)
        }
    }

    /// Whether the door lets a command in: a served one, or an unknown one behind a guard, whose callers are told only
    /// after it.
    public func accepts(_ command: CommandName) -> Bool {
        let route = route(command)
        return route.handler != nil || !route.guards.isEmpty
    }

    /// Every served command, sorted.
    public var commands: [String] {
        root.withLock { root in
            func list(_ level: Level, _ prefix: String) -> [String] {
                level.handlers.keys.map { prefix + $0 } + level.levels.flatMap { list($0.value, prefix + $0.key + ".") }
            }
            return list(root, "").sorted()
        }
    }

    /// Answers a request.
    /// - Throws: whatever guard or handler threw, or `CallError("function is not found")`.
    public func answer(_ request: RMBRequest) async throws -> JSONValue {
        let route = route(request.command)
        for mayEnter in route.guards { try await mayEnter(request.caller) }
        guard let handler = route.handler else { throw CallError("function is not found") }
        return try await handler(request)
    }

    private func route(_ command: CommandName) -> (guards: [Guard], handler: Handler?) {
        root.withLock { root in
            var level = root
            var guards = root.guards
            for part in command.parts.dropLast() {
                guard let next = level.levels[part] else { return (guards, nil) }
                level = next
                guards += next.guards
            }
            return (guards, command.parts.last.flatMap { level.handlers[$0] })
        }
    }

    private static func level(_ parts: ArraySlice<String>, below root: Level) -> Level {
        parts.reduce(root) { level, part in
            if let next = level.levels[part] { return next }
            let next = Level()
            level.levels[part] = next
            return next
        }
    }

    private static func parts(_ command: String) -> [String] {
        guard let name = CommandName(command) else { preconditionFailure("unreachable: \(command) is no command name") }
        return name.parts
    }
}
