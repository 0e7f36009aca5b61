import JSON

/// Values that nobody else on the node holds: ports, addresses. Idempotent per owner; the owner is the workload of the
/// context, or with a scope that text within the plugin.
public struct Reservations: Sendable {
    let context: Context

    /// Reserves exactly this value; throws `invalid` if another holds it. Returns whether it was reserved now.
    @discardableResult
    public func reserve(_ value: String, in space: String, scope: String? = nil) async throws -> Bool {
        let request = JSONObject([("space", space), ("value", value), ("scope", scope)])
        return try await context.call("reserve", request).created
    }

    /// Reserves the first free value of a range; the one that the owner already holds, if it holds one.
    public func reserve(from first: String, to last: String, in space: String, scope: String? = nil) async throws
        -> String
    {
        let request = JSONObject([("space", space), ("from", first), ("to", last), ("scope", scope)])
        return try await context.call("reserve", request).payload.text("value")
    }

    /// Gives one value back, or without `value` all that the owner holds in the space.
    public func release(_ value: String? = nil, in space: String, scope: String? = nil) async throws {
        try await context.call("release", JSONObject([("space", space), ("value", value), ("scope", scope)]))
    }

    /// All values of the space and who holds them.
    public func list(in space: String) async throws -> [Reservation] {
        try await context.call("reserved", ["space": .string(space)]).payload.list("values").map {
            Reservation(value: try $0.text("value"), owner: $0["owner"]?.stringValue ?? "")
        }
    }
}
