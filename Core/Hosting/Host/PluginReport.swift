import JSON

/// What `zos plugin list` shows of one plugin, loaded or refused.
public struct PluginReport: Sendable {
    public let id: String
    public let version: String
    public let types: [String]
    /// `ready`, `starting`, `failed`, `broken` (failed too often, tried rarely), `stopped`, `draining` or `refused`.
    public let state: String
    /// Why it is not ready; empty if it is.
    public let reason: String
    /// Seconds until the next attempt, if there will be one.
    public let nextAttempt: Int64?
    public let restarts: UInt64
    /// Failures since it last served well for a minute.
    public let failures: UInt64
    /// What it can do beyond provision and deprovision, as its object says; none before it was ready.
    public let abilities: [String]
    /// What it says about its health; nil without the ability or before the first answer.
    public let health: String?

    public init(
        id: String, version: String, types: [String], state: String, reason: String, nextAttempt: Int64?,
        restarts: UInt64, failures: UInt64 = 0, health: String? = nil, abilities: [String] = []
    ) {
        self.id = id
        self.version = version
        self.types = types
        self.state = state
        self.reason = reason
        self.nextAttempt = nextAttempt
        self.restarts = restarts
        self.failures = failures
        self.health = health
        self.abilities = abilities
    }

    public var json: JSONValue {
        [
            "id": .string(id), "version": .string(version), "types": .array(types.map { .string($0) }),
            "state": .string(state), "reason": .string(reason),
            "next_attempt": nextAttempt.map { .number(JSONNumber($0)) } ?? .null,
            "restarts": .number(JSONNumber(restarts)), "failures": .number(JSONNumber(failures)),
            "health": health.map { .string($0) } ?? .null, "abilities": .array(abilities.map { .string($0) }),
        ]
    }
}
