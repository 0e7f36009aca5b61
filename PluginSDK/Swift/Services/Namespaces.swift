import JSON

/// Network namespaces of the plugin's own. Creating is idempotent, deleting accepts what is already gone.
public struct Namespaces: Sendable {
    let context: Context

    /// Makes one with `lo` up, owned by the plugin's user namespace. Returns whether it was made now.
    @discardableResult
    public func create(_ name: String) async throws -> Bool {
        try await context.call("namespace.create", ["name": .string(name)]).created
    }

    public func delete(_ name: String) async throws {
        try await context.call("namespace.delete", ["name": .string(name)])
    }

    /// The names of the plugin's own.
    public func list() async throws -> [String] {
        try await context.call("namespace.list").payload.list("names").compactMap(\.stringValue)
    }

    /// A netlink socket opened inside the namespace.
    public func netlink(_ protocol: NetlinkProtocol, in namespace: String) async throws -> Descriptor {
        try await context.call(
            "netlink.open", ["namespace": .string(namespace), "protocol": .string(`protocol`.rawValue)]
        ).descriptor(of: "netlink.open")
    }

    /// Writes a setting below `net.`, as in `net.ipv4.ip_forward`.
    public func set(_ key: String, to value: String, in namespace: String) async throws {
        try await context.call(
            "sysctl.set", ["namespace": .string(namespace), "key": .string(key), "value": .string(value)])
    }
}
