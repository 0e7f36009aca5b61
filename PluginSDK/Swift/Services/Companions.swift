import JSON

/// Programs that the signed manifest declares, started and owned by the node: they outlive plugin and node restarts.
public struct Companions: Sendable {
    let context: Context

    /// Starts one unless it runs. Slots take their values by name; `descriptors` serve slots of `.index`.
    @discardableResult
    public func start(
        _ companion: String, instance: String, slots: JSONObject = [:], descriptors: [Descriptor] = []
    ) async throws -> CompanionStart {
        let reply = try await context.call(
            "companion.start",
            ["companion": .string(companion), "instance": .string(instance), "slots": .object(slots)],
            descriptors: descriptors)
        return CompanionStart(
            started: reply.payload["started"]?.boolValue ?? false, pid: reply.payload["pid"]?.intValue ?? 0)
    }

    /// Sends the signal, and SIGKILL to all that is left of it after the grace. No error if it does not run.
    public func stop(_ instance: String, signal: Int = 15, grace: Duration = .seconds(5)) async throws {
        try await context.call(
            "companion.stop",
            [
                "instance": .string(instance), "signal": .number(JSONNumber(signal)),
                "grace": .number(JSONNumber(grace.components.seconds)),
            ])
    }

    /// - Parameter bytes: how much of the end of its output is wanted, at most 256 KiB; nil for 2 KiB.
    public func status(_ instance: String, output bytes: Int? = nil) async throws -> CompanionStatus {
        var request: JSONObject = ["instance": .string(instance)]
        if let bytes { request["bytes"] = .number(JSONNumber(bytes)) }
        return try CompanionStatus(try await context.call("companion.status", request).payload)
    }

    /// A stream socket connected to a socket in the instance's folder; waits up to 10 seconds for it.
    public func connect(_ instance: String, socket: String) async throws -> Descriptor {
        try await context.call("companion.connect", ["instance": .string(instance), "socket": .string(socket)])
            .descriptor(of: "companion.connect")
    }

    /// Runs one to its end, with `input` on its standard input.
    public func run(
        _ companion: String, instance: String, slots: JSONObject = [:], input: String = "",
        timeout: Duration = .seconds(30), descriptors: [Descriptor] = []
    ) async throws -> CompanionRun {
        let reply = try await context.call(
            "companion.run",
            [
                "companion": .string(companion), "instance": .string(instance), "slots": .object(slots),
                "input": .string(input), "timeout": .number(JSONNumber(timeout.components.seconds)),
            ], descriptors: descriptors)
        return CompanionRun(
            code: try reply.payload.integer("code"), output: reply.payload["output"]?.stringValue ?? "")
    }

    /// Stops it and removes its folder; no error if it is gone.
    public func delete(_ instance: String) async throws {
        try await context.call("companion.delete", ["instance": .string(instance)])
    }
}
