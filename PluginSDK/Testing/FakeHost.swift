import JSON
import PluginSDK
import Synchronization

/// A node for tests: answers every service like the real one as far as a plugin can tell, and writes down what it was
/// asked. Things exist only in its memory.
public final class FakeHost: Host {
    public typealias Answer = @Sendable (RecordedCall) throws -> HostReply

    private struct State {
        var calls: [RecordedCall] = []
        var lines: [String] = []
        var existing: Set<String> = []
        var reserved: [String: [String: String]] = [:]
        var answers: [String: Answer] = [:]
        /// By owner and name.
        var secrets: [String: [String: JSONValue]] = [:]
        var timers: [String: [String: JSONValue]] = [:]
        var sizes: [String: UInt64] = [:]
    }
    private let state = Mutex(State())

    public init() {}

    /// Answers a service in another way from now on. Throw `PluginError` to refuse.
    public func answer(_ service: String, _ answer: @escaping Answer) {
        state.withLock { $0.answers[service] = answer }
    }

    /// Refuses a service from now on.
    public func refuse(_ service: String, _ error: PluginError = .failed("refused by the test")) {
        answer(service) { _ in throw error }
    }

    public var calls: [RecordedCall] { state.withLock { $0.calls } }
    public var lines: [String] { state.withLock { $0.lines } }
    /// What was created and not deleted, as `kind name`: `namespace n-x`, `tap t-x`, `companion 7-12-vm`.
    public var existing: [String] { state.withLock { $0.existing.sorted() } }

    public func calls(of service: String) -> [RecordedCall] { calls.filter { $0.service == service } }

    public func log(_ level: LogLevel, _ message: String) { state.withLock { $0.lines.append(message) } }

    public func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor])
        async throws -> HostReply
    {
        let call = RecordedCall(service: service, workload: workload, request: request)
        let answer = state.withLock { state in
            state.calls.append(call)
            return state.answers[service]
        }
        if let answer { return try answer(call) }
        return try state.withLock { try FakeHost.serve(call, &$0) }
    }

    private static func serve(_ call: RecordedCall, _ state: inout State) throws -> HostReply {
        let parts = call.service.split(separator: ".")
        let kind = parts.first.map(String.init) ?? ""
        let name = call["name"] ?? call["instance"] ?? ""
        switch call.service {
        case "progress", "sysctl.set", "link.move", "segment.detach": return HostReply()
        case "namespace.create", "segment.create", "link.create", "tap.create", "overlay.create":
            return HostReply(["created": .bool(state.existing.insert("\(kind) \(name)").inserted)])
        case "segment.attach": return HostReply(["created": true])
        case "exit.attach": return HostReply(["created": true, "addresses": [], "gateways": []])
        case "namespace.delete", "segment.delete", "link.delete", "tap.delete", "overlay.delete",
            "companion.delete", "companion.stop":
            state.existing.remove("\(kind) \(name)")
            return HostReply()
        case "namespace.list":
            let names = state.existing.sorted().filter { $0.hasPrefix("namespace ") }.map { $0.dropFirst(10) }
            return HostReply(["names": .array(names.map { .string(String($0)) })])
        case "companion.start":
            return HostReply(["started": .bool(state.existing.insert("companion \(name)").inserted), "pid": 42])
        case "companion.status":
            return HostReply(["running": .bool(state.existing.contains("companion \(name)")), "output": ""])
        case "listener.open":
            let place = call["reference"] ?? call["namespace"] ?? ""
            return HostReply(["created": .bool(state.existing.insert("listener \(name) \(place)").inserted)])
        case "listener.close":
            state.existing = state.existing.filter { !$0.hasPrefix("listener \(name) ") }
            return HostReply()
        case "companion.run": return HostReply(["code": 0, "output": ""])
        case "export.holders": return HostReply(["workloads": []])
        case "root.open": return HostReply(["root": "root-1", "files": [], "texts": [:]])
        case "node.facts":
            return HostReply(["node": 1, "cpus": 2, "memory": 8_589_934_592, "kvm": false, "nameservers": []])
        case "reserve", "release", "reserved": return try reserve(call, &state)
        case "directory.create", "directory.resize", "directory.usage", "directory.delete":
            return try directory(call, name, &state)
        case "secret.put", "secret.get", "secret.delete", "secret.list": return keep(call, name, &state.secrets)
        case "timer.set", "timer.cancel", "timer.list": return keep(call, name, &state.timers)
        case "workload.lookup": return HostReply(["workload": .null])
        case "workload.list": return HostReply(["workloads": []])
        default:
            throw PluginError.unsupported("FakeHost has no answer for \(call.service); give it one with answer(_:_:)")
        }
    }

    private static func directory(_ call: RecordedCall, _ name: String, _ state: inout State) throws -> HostReply {
        let size = call.request["size"]?.uint64Value ?? 0
        guard let known = state.sizes[name] else {
            switch call.service {
            case "directory.delete": return HostReply()
            case "directory.create":
                state.sizes[name] = size
                state.existing.insert("directory \(name)")
                return HostReply(["created": true])
            default: throw PluginError.invalid("there is no directory \(name)")
            }
        }
        switch call.service {
        case "directory.delete":
            state.sizes[name] = nil
            state.existing.remove("directory \(name)")
        case "directory.usage": return HostReply(["size": .number(JSONNumber(known)), "used": 0, "files": 0])
        case "directory.create" where size <= known: return HostReply(["created": false])
        case "directory.create": throw PluginError.invalid("directory \(name) exists with a smaller size")
        default:
            guard size >= known else { throw PluginError.invalid("directory \(name) cannot shrink") }
            state.sizes[name] = size
        }
        return HostReply()
    }

    /// Secrets and timers: things with a name that belong to a workload or to the plugin. Fake timers never fire.
    private static func keep(_ call: RecordedCall, _ name: String, _ things: inout [String: [String: JSONValue]])
        -> HostReply
    {
        let owner = call.workload ?? ""
        let known = things[owner]?[name]
        switch call.service {
        case "secret.put", "timer.set":
            things[owner, default: [:]][name] = call.request
            return HostReply(["created": .bool(known == nil), "due": call.request["at"] ?? 0])
        case "secret.get": return HostReply(["value": known?["value"] ?? .null])
        case "secret.delete", "timer.cancel":
            things[owner]?[name] = nil
            return HostReply(["cancelled": .bool(known != nil)])
        case "secret.list":
            return HostReply(["names": .array((things[owner] ?? [:]).keys.sorted().map(JSONValue.string))])
        default:
            let timers = (things[owner] ?? [:]).sorted { $0.key < $1.key }.map { name, request -> JSONValue in
                [
                    "name": .string(name), "due": request["at"] ?? request["after"] ?? 0,
                    "every": request["every"] ?? .null, "content": request["content"] ?? .null,
                ]
            }
            return HostReply(["timers": .array(timers)])
        }
    }

    private static func reserve(_ call: RecordedCall, _ state: inout State) throws -> HostReply {
        let space = call["space"] ?? ""
        let owner = call["scope"] ?? call.workload ?? ""
        var values = state.reserved[space, default: [:]]
        defer { state.reserved[space] = values }
        if call.service == "reserved" {
            let list = values.sorted { $0.key < $1.key }.map { value, owner -> JSONValue in
                ["value": .string(value), "owner": .string(owner)]
            }
            return HostReply(["values": .array(list)])
        }
        if call.service == "release" {
            values = values.filter { $0.value != owner || call["value"].map($0.key.elementsEqual) == false }
            return HostReply()
        }
        let value = call["value"] ?? values.first { $0.value == owner }?.key ?? call["from"] ?? ""
        if let holder = values[value], holder != owner {
            throw PluginError(.invalid, code: "taken", message: "\(value) is taken by \(holder)")
        }
        let created = values.updateValue(owner, forKey: value) == nil
        return HostReply(["value": .string(value), "created": .bool(created)])
    }
}
