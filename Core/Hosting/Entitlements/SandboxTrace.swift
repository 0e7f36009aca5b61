import JSON
import Logging
import Synchronization
import WorkerSandbox

/// What plugins tried beyond their rights on a development node that lets them go on, and the rights that would cover it.
///
/// Only the node's configuration can turn it on, and only on a development network: no package and no plugin reaches it.
public final class SandboxTrace: Sendable {
    /// Forbidden calls that one worker is let off; the next one ends it, so that a loop cannot occupy the node.
    public static let limit = 10_000
    /// Different attempts that are remembered for one plugin.
    private static let memory = 500

    /// One thing that a plugin tried, however often.
    public struct Attempt: Sendable, Hashable {
        /// The system call with the arguments of the first time, or the service.
        public let what: String
        /// The entitlement that would grant it; nil if none does.
        public let entitlement: String?
        public internal(set) var count: UInt64
    }

    private let attempts = Mutex<[String: [Attempt]]>([:])
    private let log: Logger

    public init(log: Logger) { self.log = log }

    func record(_ call: ForbiddenCall, of plugin: String) {
        let rule = EntitlementCatalog.granting(call)
        // Arguments differ from call to call; what tells attempts apart is the call and who would grant it.
        record(plugin, key: "\(call.name)(", "\(call)", rule)
    }

    func record(service: String, of plugin: String) {
        record(plugin, key: "service \(service)", "service \(service)", EntitlementCatalog.granting(service: service))
    }

    private func record(_ plugin: String, key: String, _ what: String, _ entitlement: String?) {
        let isNew = attempts.withLock { attempts in
            var list = attempts[plugin] ?? []
            defer { attempts[plugin] = list }
            let known = list.firstIndex { $0.what.hasPrefix(key) && $0.entitlement == entitlement }
            if let known {
                list[known].count += 1
                return false
            }
            if list.count < Self.memory { list.append(Attempt(what: what, entitlement: entitlement, count: 1)) }
            return true
        }
        guard isNew else { return }
        log.notice(
            "plugin tried what it may not",
            metadata: [
                "plugin": "\(plugin)", "tried": "\(what)", "entitlement": "\(entitlement ?? "none grants it")",
            ])
    }

    /// What the plugin has tried so far, in order of the first time.
    public func attempts(of plugin: String) -> [Attempt] { attempts.withLock { $0[plugin] ?? [] } }

    /// Plugins that tried anything.
    public var plugins: [String] { attempts.withLock { $0.keys.sorted() } }

    /// The entitlements that would cover what the plugin tried, as a manifest has them, reasons to be written.
    public func suggestion(for plugin: String) -> JSONValue {
        var names: [String] = []
        for attempt in attempts(of: plugin) {
            guard let name = attempt.entitlement, !names.contains(name) else { continue }
            names.append(name)
        }
        return .array(
            names.map { name in
                var parameters = JSONObject()
                for parameter in EntitlementCatalog.named(name)?.parameters ?? [] where parameter.isRequired {
                    parameters[parameter.name] = .string("…")
                }
                return ["name": .string(name), "parameters": .object(parameters), "reason": "…"]
            })
    }

    /// What was tried and what would cover it, for people.
    public func text(for plugin: String) -> String {
        let tried = attempts(of: plugin)
        guard !tried.isEmpty else { return "\(plugin) tried nothing beyond its entitlements" }
        var lines = ["\(plugin) tried:"]
        lines += tried.map { "  \($0.what), \($0.count) times: \($0.entitlement ?? "no entitlement grants it")" }
        let suggestion = suggestion(for: plugin)
        if suggestion.arrayValue?.isEmpty == false { lines += ["add to \"entitlements\":", "  " + suggestion.text] }
        return lines.joined(separator: "\n")
    }

    /// The same for programs; keys are stable.
    public func json(for plugin: String) -> JSONValue {
        [
            "plugin": .string(plugin),
            "tried": .array(
                attempts(of: plugin).map {
                    [
                        "what": .string($0.what), "count": .number(JSONNumber($0.count)),
                        "entitlement": $0.entitlement.map(JSONValue.string) ?? .null,
                    ]
                }),
            "suggestion": suggestion(for: plugin),
        ]
    }
}

extension EntitlementCatalog {
    /// The entitlement whose rules let the call through; nil if none does.
    static func granting(_ call: ForbiddenCall) -> String? {
        all.first { definition in
            definition.calls.contains {
                $0.name.utf8.elementsEqual(call.name.utf8) && $0.outcome == .allow && $0.matches(call.arguments)
            }
        }?.name
    }

    static func granting(service: String) -> String? {
        all.first { $0.services.contains(service) }?.name
    }
}
