/// How much may wait for peers that are away or slow.
public struct MailboxLimits: Sendable {
    /// Envelopes for one session; the grid's relays keep about as many (docs/spec/rmb-relay.md section 5).
    public var count = 10_000
    /// Bytes for one session.
    public var bytes = 16 << 20
    /// Envelopes of one sender for one session: nobody fills another one's mailbox alone.
    public var countPerSource = 1_000
    /// Bytes for everybody together.
    public var totalBytes = 256 << 20
    /// Sessions of one twin for which something waits. Anybody can address sessions that do not exist.
    public var mailboxesPerTwin = 64
    /// Seconds that an envelope waits at most.
    public var age: UInt64 = 3600

    public init() {}
}
