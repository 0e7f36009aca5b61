import JSON

/// Links that are made in the node's namespace, where their sockets stay, and moved to where they are used.
public struct Links: Sendable {
    let context: Context

    /// Makes a link of a kind that the entitlement lists. Throws `unsupported` if the kernel has no such kind.
    @discardableResult
    public func create(kind: String, _ name: String, in namespace: String) async throws -> Bool {
        let request = JSONObject([("kind", kind), ("name", name), ("namespace", namespace)])
        return try await context.call("link.create", request).created
    }

    /// A tun device with packet information, non-blocking, in the node's namespace.
    public func tun(_ name: String) async throws -> Descriptor {
        try await context.call("link.tun", ["name": .string(name)]).descriptor(of: "link.tun")
    }

    /// Moves a link of the plugin's own from the node's namespace into one of the plugin's.
    public func move(_ name: String, to namespace: String, rename: String? = nil) async throws {
        try await context.call(
            "link.move", JSONObject([("name", name), ("namespace", namespace), ("rename", rename)]))
    }

    public func delete(_ name: String, in namespace: String? = nil) async throws {
        try await context.call("link.delete", JSONObject([("name", name), ("namespace", namespace)]))
    }
}
