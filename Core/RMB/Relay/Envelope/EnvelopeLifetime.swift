/// When an envelope was sent and how long it lives, in Unix seconds and seconds. All of it comes from outside, so all
/// arithmetic is checked (`docs/spec/rmb-relay.md` section 9).
public struct EnvelopeLifetime: Sendable, Hashable {
    /// Seconds that a request may live at most. Longer ones are cut to it.
    public static let longest: UInt64 = 1800
    /// What is sent when nothing else is asked for.
    public static let usual: UInt64 = 300
    /// Seconds that a sender's clock may be ahead.
    public static let earliest: UInt64 = 60

    public let timestamp: UInt64
    public let expiration: UInt64

    public init(timestamp: UInt64, expiration: UInt64) {
        self.timestamp = timestamp
        self.expiration = expiration
    }

    /// A lifetime that begins now: 0 seconds become 300, more than 1800 become 1800.
    public init(sentAt now: UnixTime, seconds: UInt64 = usual) {
        timestamp = UInt64(max(0, now.seconds))
        expiration = seconds == 0 ? Self.usual : min(seconds, Self.longest)
    }

    /// Seconds left; nil when it is over, and when the end does not fit 64 bits.
    public func remaining(at now: UnixTime) -> UInt64? {
        let (deadline, overflow) = timestamp.addingReportingOverflow(expiration)
        let now = UInt64(max(0, now.seconds))
        return overflow || deadline <= now ? nil : deadline - now
    }

    /// The same for a later sending: a time of 0 or in the future becomes now, a past one becomes now with so much less
    /// to live.
    public func restamped(at now: UnixTime) -> EnvelopeLifetime {
        let now = UInt64(max(0, now.seconds))
        guard timestamp > 0 && timestamp < now else {
            return EnvelopeLifetime(timestamp: now, expiration: expiration)
        }
        let age = now - timestamp
        return EnvelopeLifetime(timestamp: now, expiration: expiration > age ? expiration - age : 0)
    }

    /// Whether an envelope may be taken in now.
    /// - Returns: the deadline in Unix seconds, at most 1800 seconds after the sending; always after now.
    /// - Throws: `tooOld` or `tooEarly`.
    public func deadline(at now: UnixTime) throws(RMBError) -> Int64 {
        guard remaining(at: now) != nil else { throw RMBError(.tooOld, "message has expired") }
        let seconds = UInt64(max(0, now.seconds))
        if timestamp > seconds && timestamp - seconds > Self.earliest {
            throw RMBError(.tooEarly, "message is from the future, check the sender's clock")
        }
        let capped = EnvelopeLifetime(timestamp: timestamp, expiration: min(expiration, Self.longest))
        guard let left = capped.remaining(at: now), let deadline = Int64(exactly: seconds + left) else {
            throw RMBError(.tooOld, "message has expired")
        }
        return deadline
    }
}
