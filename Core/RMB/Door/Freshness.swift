/// How old or early a message may be (`docs/spec/rmb-direct.md` section 4).
public enum Freshness {
    /// Seconds either way.
    public static let window: Int64 = 60

    /// - Parameter now: the message's `now`.
    /// - Throws: `tooOld` with the grid's text, or `tooEarly`.
    public static func check(now: Int64, clock: UnixTime) throws(RMBError) {
        // Compared in whole seconds first, so that no value from outside can overflow.
        guard now >= clock.seconds - window - 1 else { throw tooOld(now: now, clock: clock) }
        guard now <= clock.seconds + window + 1 else { throw tooEarly(now: now, clock: clock) }
        let age = clock.seconds - now
        if age > window || (age == window && clock.nanoseconds > 0) { throw tooOld(now: now, clock: clock) }
        // The part of a second that has passed never makes up for a whole one.
        if -age > window { throw tooEarly(now: now, clock: clock) }
    }

    /// The refusal of something that was sent before `clock`.
    static func tooOld(now: Int64, clock: UnixTime) -> RMBError {
        let (age, overflow) = clock.seconds.subtractingReportingOverflow(now)
        let duration = GoDuration.text(seconds: overflow ? .max : age, nanoseconds: clock.nanoseconds)
        return RMBError(
            .tooOld, "message is too old, sent since \(duration), sent time: \(now), now: \(clock.seconds)")
    }

    private static func tooEarly(now: Int64, clock: UnixTime) -> RMBError {
        RMBError(
            .tooEarly,
            "message is from the future, sent time: \(now), now: \(clock.seconds); check the sender's clock")
    }
}

/// Durations as the grid's programs print them: `1m2.044830405s`.
enum GoDuration {
    /// The longest duration that they can hold, in seconds; longer ones stop there.
    private static let longest: Int64 = 9_223_372_036

    static func text(seconds: Int64, nanoseconds: Int64) -> String {
        let isCut = seconds >= longest
        let seconds = max(0, min(seconds, longest))
        let nanoseconds = isCut ? 854_775_807 : nanoseconds
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds >= 60 { text += "\(seconds / 60 % 60)m" }
        text += "\(seconds % 60)"
        if nanoseconds > 0 {
            var digits = String(nanoseconds)
            digits = String(repeating: "0", count: 9 - digits.count) + digits
            while digits.last == "0" { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }
}
