import Signatures

/// Who this bus is: its twin and the account key that signs for it.
public struct RMBIdentity: Sendable {
    public let twin: UInt32
    public let key: KeyPair

    public init(twin: UInt32, key: KeyPair) {
        self.twin = twin
        self.key = key
    }
}
