import Glibc

/// A point of wall-clock time.
public struct UnixTime: Sendable, Hashable, Comparable {
    public let seconds: Int64
    /// 0 to 999,999,999.
    public let nanoseconds: Int64

    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The machine's clock.
    public static func now() -> UnixTime { read(CLOCK_REALTIME) }

    /// When the machine started, by the clock as it is now.
    public static func boot() -> UnixTime {
        let now = now()
        let up = read(CLOCK_BOOTTIME)
        let isBorrowing = now.nanoseconds < up.nanoseconds
        return UnixTime(
            seconds: now.seconds - up.seconds - (isBorrowing ? 1 : 0),
            nanoseconds: now.nanoseconds - up.nanoseconds + (isBorrowing ? 1_000_000_000 : 0))
    }

    private static func read(_ clock: clockid_t) -> UnixTime {
        var time = timespec()
        clock_gettime(clock, &time)
        return UnixTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// Where the time comes from; tests bring their own.
public typealias WallClock = @Sendable () -> UnixTime
