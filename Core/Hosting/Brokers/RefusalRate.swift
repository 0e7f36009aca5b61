import Synchronization

/// Which refused calls are worth a line in the log: a plugin that is refused in a loop must not fill the disk.
final class RefusalRate: Sendable {
    /// Lines of one plugin per `period`.
    static let limit = 100
    private static let period = Duration.seconds(10)

    private struct Page {
        var end: ContinuousClock.Instant
        var lines = 0
    }
    private let pages = Mutex<[String: Page]>([:])

    /// Counts one refusal of the plugin's.
    /// - Returns: whether to write it down, and whether it is the last line for a while.
    func admit(_ plugin: String, at now: ContinuousClock.Instant = .now) -> (isLogged: Bool, isLast: Bool) {
        pages.withLock { pages in
            var page = pages[plugin] ?? Page(end: now + Self.period)
            if now >= page.end { page = Page(end: now + Self.period) }
            page.lines += 1
            pages[plugin] = page
            return (page.lines <= Self.limit, page.lines == Self.limit)
        }
    }
}
