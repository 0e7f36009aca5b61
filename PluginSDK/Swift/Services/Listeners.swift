import JSON

/// TCP ports inside a namespace that lead to a socket in a companion's folder. The node accepts and joins; neither plugin
/// nor companion needs a network for it.
public struct Listeners: Sendable {
    /// Who is behind the companion's socket.
    public enum Sharing: String, Sendable {
        /// A connection for each caller.
        case each
        /// One for all: what the companion writes goes to every caller, what any of them writes goes to it.
        case shared
    }

    let context: Context

    /// Listens on the address that the referenced workload exports. Returns whether it was opened now.
    /// - Parameter callers: at a time, at most 64; further ones are turned away.
    @discardableResult
    public func open(
        _ port: Int, on reference: String, to instance: String, socket: String, sharing: Sharing = .each,
        callers: Int = 8, idle: Duration = .seconds(3600)
    ) async throws -> Bool {
        try await open(["reference": .string(reference)], port, instance, socket, sharing, callers, idle)
    }

    /// Listens on an address in a namespace of the plugin's own.
    @discardableResult
    public func open(
        _ port: Int, on address: String, in namespace: String, to instance: String, socket: String,
        sharing: Sharing = .each, callers: Int = 8, idle: Duration = .seconds(3600)
    ) async throws -> Bool {
        let place: JSONObject = ["namespace": .string(namespace), "address": .string(address)]
        return try await open(place, port, instance, socket, sharing, callers, idle)
    }

    private func open(
        _ place: JSONObject, _ port: Int, _ instance: String, _ socket: String, _ sharing: Sharing, _ callers: Int,
        _ idle: Duration
    ) async throws -> Bool {
        var request = place
        request["port"] = .number(JSONNumber(port))
        request["instance"] = .string(instance)
        request["socket"] = .string(socket)
        request["sharing"] = .string(sharing.rawValue)
        request["callers"] = .number(JSONNumber(callers))
        request["idle"] = .number(JSONNumber(idle.components.seconds))
        return try await context.call("listener.open", request).created
    }

    /// Ends what leads to that socket, and everybody who came by it. No error if nothing does.
    public func close(_ instance: String, socket: String) async throws {
        try await context.call("listener.close", ["instance": .string(instance), "socket": .string(socket)])
    }
}
