import JSON

/// Directories of limited size in the node's pool. The plugin never sees inside: companions get one as a mount
/// (`Slot.directory`), other workloads by an export (`Export.directory(_:)`).
public struct Directories: Sendable {
    let context: Context

    /// Makes one with room for `size` bytes, what its file system needs included. Returns whether it was made now; one that
    /// is there keeps its content.
    @discardableResult
    public func create(_ name: String, size: UInt64) async throws -> Bool {
        try await context.call(
            "directory.create", ["name": .string(name), "size": .number(JSONNumber(size))]
        ).created
    }

    /// Makes it larger, also while it is in use. Throws `invalid` if it would shrink, `unavailable` if the pool is full.
    public func resize(_ name: String, to size: UInt64) async throws {
        try await context.call("directory.resize", ["name": .string(name), "size": .number(JSONNumber(size))])
    }

    public func usage(_ name: String) async throws -> DirectoryUsage {
        let reply = try await context.call("directory.usage", ["name": .string(name)]).payload
        return DirectoryUsage(
            size: try reply.integer("size"), used: try reply.integer("used"), files: try reply.integer("files"))
    }

    /// Removes it with its content; no error if it is gone. Throws `unavailable` while a companion holds it.
    public func delete(_ name: String) async throws {
        try await context.call("directory.delete", ["name": .string(name)])
    }
}
