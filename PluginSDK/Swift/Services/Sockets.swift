import JSON

/// TCP and UDP sockets inside the plugin's own network namespaces, non-blocking. The plugin can neither bind nor connect
/// anything itself: `accept4`, reading, writing and polling are what is left to do.
public struct Sockets: Sendable {
    let context: Context

    public enum Transport: String, Sendable {
        case tcp, udp
    }

    /// Connects; waits up to 10 seconds for the other side.
    public func connect(_ transport: Transport, to address: String, port: UInt16, in namespace: String) async throws
        -> Descriptor
    {
        try await open(transport, in: namespace, "connect", address, port)
    }

    /// Binds; TCP listens as well.
    public func listen(_ transport: Transport, on address: String, port: UInt16, in namespace: String) async throws
        -> Descriptor
    {
        try await open(transport, in: namespace, "bind", address, port)
    }

    private func open(
        _ transport: Transport, in namespace: String, _ member: String, _ address: String, _ port: UInt16
    ) async throws -> Descriptor {
        let family = address.utf8.contains(UInt8(ascii: ":")) ? "inet6" : "inet"
        var request = JSONObject([("namespace", namespace), ("family", family), ("type", transport.rawValue)])
        request[member] = ["address": .string(address), "port": .number(JSONNumber(port))]
        return try await context.call("socket.open", request).descriptor(of: "socket.open")
    }
}
