import Glibc
import JSON

/// Timers: the node calls a plugin back, for a workload or for itself, also after restarts.
struct TimerBroker {
    let room: BrokerRoom
    private static let entitlement = "timers"
    /// Seconds; a year.
    private static let farthest: Int64 = 366 * 86400
    /// Bytes of what comes back with the call.
    private static let contentLimit = 4096

    func set(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let now = room.now()
        let due: Int64
        switch (call.request["at"]?.int64Value, call.request["after"]?.int64Value) {
        case (let at?, nil): due = at
        case (nil, let after?) where (1...Self.farthest).contains(after): due = now + after
        default:
            throw HostingError(
                .invalid, "a timer has either at, Unix seconds, or after, 1 to \(Self.farthest) seconds from now")
        }
        guard due <= now + Self.farthest, due >= 0 else {
            throw HostingError(.invalid, "a timer falls due within \(Self.farthest) seconds")
        }
        var period: Int64?
        if let value = call.request["every"], !value.isNull {
            guard let every = value.int64Value, (TimerStore.leastPeriod...Self.farthest).contains(every) else {
                throw HostingError(
                    .invalid, "every has to be from \(TimerStore.leastPeriod) to \(Self.farthest) seconds")
            }
            period = every
        }
        let content = call.request["content"] ?? .null
        guard content.text.utf8.count <= Self.contentLimit else {
            throw HostingError(.invalid, "the content of a timer has at most \(Self.contentLimit) bytes")
        }
        let entry = TimerStore.Entry(
            plugin: call.plugin, workload: call.workload, name: try Self.name(call), due: due, period: period,
            content: content)
        let timers = room.timers
        let isNew = try await OwnThread.run { try timers.set(entry) }
        return HostAnswer(["created": .bool(isNew), "due": .number(JSONNumber(due))])
    }

    func cancel(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let (name, plugin, workload) = (try Self.name(call), call.plugin, call.workload)
        let timers = room.timers
        let isGone = try await OwnThread.run {
            try timers.cancel { $0.name == name && $0.plugin == plugin && $0.workload == workload }
        }
        return HostAnswer(["cancelled": .bool(isGone)])
    }

    func list(_ call: BrokerCall) throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let timers = room.timers.list(plugin: call.plugin, workload: call.workload).sorted { $0.due < $1.due }
        return HostAnswer([
            "timers": .array(
                timers.map {
                    [
                        "name": .string($0.name), "due": .number(JSONNumber($0.due)),
                        "every": $0.period.map { .number(JSONNumber($0)) } ?? .null, "content": $0.content,
                    ]
                })
        ])
    }

    private static func name(_ call: BrokerCall) throws(HostingError) -> String {
        let name = try call.text("name")
        guard CompanionText.isName(name) else {
            throw HostingError(.invalid, "name has to be 1 to 64 of A-Z a-z 0-9 _ . -, beginning with neither . nor -")
        }
        return name
    }
}
