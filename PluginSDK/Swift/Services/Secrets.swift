import JSON

/// Secrets of the context's workload, or of the plugin in a context without one: sealed on the node's disk, and gone
/// with the workload. Keep them out of results, states and logs.
public struct Secrets: Sendable {
    let context: Context

    /// Keeps a text of at most 16 KiB. Returns whether there was none of that name.
    @discardableResult
    public func put(_ value: String, as name: String) async throws -> Bool {
        try await context.call("secret.put", ["name": .string(name), "value": .string(value)]).created
    }

    /// Nil if there is none.
    public func get(_ name: String) async throws -> String? {
        try await context.call("secret.get", ["name": .string(name)]).payload["value"]?.stringValue
    }

    /// No error if it is gone.
    public func delete(_ name: String) async throws {
        try await context.call("secret.delete", ["name": .string(name)])
    }

    /// The names, never the values.
    public func list() async throws -> [String] {
        try await context.call("secret.list").payload.list("names").compactMap(\.stringValue)
    }
}
