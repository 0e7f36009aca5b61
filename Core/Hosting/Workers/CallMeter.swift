import Synchronization

/// Counts and times the requests to one plugin, by operation. Lives as long as the node.
public final class CallMeter: Sendable {
    /// Upper bounds of the buckets, in seconds: from a pipelined question to the making of a disk.
    public static let bounds: [Double] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300]

    /// The figures of one operation.
    public struct Figures: Sendable, Hashable {
        /// Requests by bucket, not accumulated; the last one has what took longer than every bound.
        public var buckets = [UInt64](repeating: 0, count: CallMeter.bounds.count + 1)
        public var failures: UInt64 = 0
        /// In seconds.
        public var sum = 0.0
        public var count: UInt64 { buckets.reduce(0, &+) }
    }

    private let figures = Mutex<[PluginOperation: Figures]>([:])

    init() {}

    func record(_ operation: PluginOperation, took duration: Duration, failed: Bool) {
        let seconds = duration / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        figures.withLock { figures in
            var of = figures[operation] ?? Figures()
            of.buckets[bucket] &+= 1
            of.sum += seconds
            if failed { of.failures &+= 1 }
            figures[operation] = of
        }
    }

    public func snapshot() -> [PluginOperation: Figures] { figures.withLock { $0 } }
}
