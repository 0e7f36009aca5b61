import JSON

/// Taps on segments that other workloads export. The node keeps the descriptor for a companion of the same workload.
public struct Taps: Sendable {
    let context: Context

    /// Makes a tap on the segment that the referenced workload exports. Returns whether it was made now.
    @discardableResult
    public func create(_ name: String, on reference: String, mac: String) async throws -> Bool {
        var request = JSONObject([("reference", reference), ("name", name), ("mac", mac)])
        request["vnet"] = true
        return try await context.call("tap.create", request).created
    }

    public func delete(_ name: String) async throws { try await context.call("tap.delete", ["name": .string(name)]) }
}
