import RMB

/// How many connections are open, in all and from one place. Pure.
struct ConnectionCounts {
    private let limit: Int
    private let limitPerSource: Int
    private var sources: [NetworkSource: Int] = [:]
    private(set) var count = 0

    init(limit: Int, limitPerSource: Int) {
        self.limit = limit
        self.limitPerSource = limitPerSource
    }

    /// Whether one more may be open. Each admitted one needs `closed`.
    mutating func admit(_ source: NetworkSource) -> Bool {
        guard count < limit, sources[source, default: 0] < limitPerSource else { return false }
        count += 1
        sources[source, default: 0] += 1
        return true
    }

    mutating func closed(_ source: NetworkSource) {
        count -= 1
        let left = sources[source, default: 1] - 1
        sources[source] = left > 0 ? left : nil
    }
}
