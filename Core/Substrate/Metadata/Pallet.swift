/// A part of a runtime with its storage, calls, events and errors.
public struct Pallet: Sendable {
    public let name: String
    /// The number before its calls, events and errors; runtime upgrades change it.
    public let index: UInt8
    /// First part of its storage keys, hashed.
    public let storagePrefix: String
    public let storage: [StorageEntry]
    /// Enum types.
    public let calls: UInt32?
    public let events: UInt32?
    public let errors: UInt32?
    public let constants: [Constant]

    /// A value that is fixed for a runtime.
    public struct Constant: Sendable {
        public let name: String
        public let type: UInt32
        public let bytes: [UInt8]
    }
}
