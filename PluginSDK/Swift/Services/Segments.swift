import JSON

/// Segments are bridges that the node keeps; links of namespaces, taps and the operator's exits are their ports.
public struct Segments: Sendable {
    let context: Context

    /// Makes a bridge, in the host or in a namespace of the plugin. Returns whether it was made now.
    @discardableResult
    public func create(_ name: String, in namespace: String? = nil, mtu: Int = 1500) async throws -> Bool {
        var request = JSONObject([("name", name), ("namespace", namespace)])
        request["mtu"] = .number(JSONNumber(mtu))
        return try await context.call("segment.create", request).created
    }

    public func delete(_ name: String) async throws {
        try await context.call("segment.delete", ["name": .string(name)])
    }

    /// Connects a link `name` inside the namespace to the segment.
    @discardableResult
    public func attach(_ segment: String, to namespace: String, as name: String, mac: String? = nil) async throws
        -> Bool
    {
        let request = JSONObject([("segment", segment), ("namespace", namespace), ("name", name), ("mac", mac)])
        return try await context.call("segment.attach", request).created
    }

    public func detach(_ segment: String, from namespace: String, name: String) async throws {
        let request = JSONObject([("segment", segment), ("namespace", namespace), ("name", name)])
        try await context.call("segment.detach", request)
    }

    /// Connects the operator's exit to a segment; `name` is the port that it gets there.
    public func attach(exit: Exit, to segment: String, as name: String) async throws -> ExitLink {
        let request = JSONObject([("exit", exit.rawValue), ("segment", segment), ("name", name)])
        return try ExitLink(try await context.call("exit.attach", request))
    }

    /// Gives the operator's exit as link `name` into a namespace.
    public func attach(exit: Exit, into namespace: String, as name: String, mac: String? = nil) async throws
        -> ExitLink
    {
        let request = JSONObject([("exit", exit.rawValue), ("namespace", namespace), ("name", name), ("mac", mac)])
        return try ExitLink(try await context.call("exit.attach", request))
    }
}
