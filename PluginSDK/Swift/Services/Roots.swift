import JSON

/// Contents of root file systems, and overlays that make them writable for a companion.
public struct Roots: Sendable {
    let context: Context

    /// Gets the content behind the URL, read-only. Fetching it may take long; the user sees how far it is.
    /// - Parameters:
    ///   - probe: paths to look for as regular files, links resolved inside the root.
    ///   - read: paths of small text files to read, as far as they exist.
    ///   - files: paths of files to open, at most 8, as far as they exist.
    public func open(
        _ url: String, probe: [String] = [], read: [String] = [], files: [String] = []
    ) async throws -> Root {
        try Root(
            try await context.call(
                "root.open",
                [
                    "url": .string(url), "probe": .array(probe.map(JSONValue.string)),
                    "read": .array(read.map(JSONValue.string)), "open": .array(files.map(JSONValue.string)),
                ]))
    }

    /// Makes an overlay of that content (`Root.handle`) with a writable layer of limited size (bytes). Returns whether it was made now.
    @discardableResult
    public func createOverlay(_ name: String, of url: String, size: UInt64) async throws -> Bool {
        try await context.call(
            "overlay.create",
            ["name": .string(name), "root": .string(url), "size": .number(JSONNumber(size))]
        ).created
    }

    public func deleteOverlay(_ name: String) async throws {
        try await context.call("overlay.delete", ["name": .string(name)])
    }
}
