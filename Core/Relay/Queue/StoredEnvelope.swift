/// An envelope that waits for its receiver, as the bytes that came.
struct StoredEnvelope: Sendable, Equatable {
    let bytes: [UInt8]
    /// Whose share of the mailbox it takes.
    let source: UInt32
    /// Unix seconds; not delivered from then on.
    let deadline: UInt64
}
