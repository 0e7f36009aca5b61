import CSodium

/// Secret bytes that are wiped when the last owner lets go of them and that print as `<secret>`.
public final class SecretBytes: Sendable {
    // SAFETY: the memory is written in `init` only, before the object can be shared, and freed in `deinit` only.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    /// Takes a copy; wipe your own with `SecretBytes.wipe`.
    public init(_ bytes: [UInt8]) {
        memory = .allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
    }

    deinit {
        if let start = memory.baseAddress { sodium_memzero(start, memory.count) }
        memory.deallocate()
    }

    /// Lends the bytes to the closure as an array that is wiped afterwards. They must not be kept or logged.
    public func withBytes<Result>(_ use: ([UInt8]) throws -> Result) rethrows -> Result {
        var bytes = Array(memory)
        defer { Self.wipe(&bytes) }
        return try use(bytes)
    }

    /// Overwrites an array in place with zeros that the compiler may not leave out.
    public static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { sodium_memzero(start, buffer.count) }
        }
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
