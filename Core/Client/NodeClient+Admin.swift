import JSON

/// Commands for the node's farmer; others are refused with `unauthorized`. Nodes know them by one name or the other.
extension NodeClient {
    /// Devices and bridges, by name.
    public func adminInterfaces() async throws(ClientError) -> [String: NodeInterface] {
        try await admin("interfaces").answer(to: "zos.admin.interfaces")
    }

    /// By which device public addresses leave the node.
    public func exitDevice() async throws(ClientError) -> ExitDevice {
        try await admin("get_public_nic").answer(to: "zos.admin.get_public_nic")
    }

    /// Lets public addresses leave by a device; `zos` for the node's own.
    public func setExitDevice(_ name: String) async throws(ClientError) {
        _ = try await admin("set_public_nic", .string(name))
    }

    private func admin(_ command: String, _ payload: JSONValue = .null) async throws(ClientError) -> JSONValue {
        let unknown = ["function is not found", "function not found"]
        if let answer = try await call("zos.admin." + command, payload, absent: unknown) { return answer }
        return try await call("zos.network.admin." + command, payload)
    }
}
