/// An item of a pallet's storage.
public struct StorageEntry: Sendable {
    public let name: String
    public let modifier: Modifier
    /// One for each part of the key; empty for a single value.
    public let hashers: [StorageHasher]
    /// The type of the key; a tuple if there is more than one hasher.
    public let key: UInt32?
    public let value: UInt32
    /// What an absent value means under `.default`, encoded.
    public let fallback: [UInt8]

    /// What `null` from the chain means.
    public enum Modifier: UInt8, Sendable {
        /// The thing does not exist.
        case optional
        /// The value is the default.
        case `default`
    }
}
