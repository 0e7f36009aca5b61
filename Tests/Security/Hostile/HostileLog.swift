import Glibc
import Logging
import Synchronization

/// What the node wrote about one plugin, with the time of each line.
final class HostileLog: Sendable {
    struct Line: Sendable {
        /// Nanoseconds of CLOCK_MONOTONIC, which plugins read too.
        let time: Int64
        let message: String
        let metadata: [String: String]
    }

    private let kept = Mutex<[Line]>([])
    var lines: [Line] { kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "hostile") { [self] _ in Handler(log: self) }
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time that the plugin wrote down right before it acted.
    var stamp: Int64? {
        lines.last { $0.metadata["text"]?.hasPrefix("at ") == true }?.metadata["text"]
            .flatMap { Int64($0.dropFirst(3)) }
    }

    /// The line that tells why the plugin ended.
    var end: Line? { lines.last { $0.message == "plugin ended" } }

    private struct Handler: LogHandler {
        let log: HostileLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(
                time: HostileLog.now(), message: event.message.description, metadata: all.mapValues(\.description))
            log.kept.withLock { $0.append(line) }
        }
    }
}
