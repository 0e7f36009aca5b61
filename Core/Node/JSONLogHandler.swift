import Glibc
import JSON
import Logging

/// Writes each log line as one JSON object to stderr: `time` (Unix seconds), `level`, `label`, `message`, then the metadata.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let label: String

    public init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let fraction = String(time.tv_nsec / 1_000_000 + 1000).dropFirst()
        var object: JSONObject = [
            "time": .number(JSONNumber(uncheckedText: "\(time.tv_sec).\(fraction)")),
            "level": .string(event.level.rawValue), "label": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            object[key] = .string(value.description)
        }
        // One write per line, so that lines of different threads do not mix.
        let line = Array((JSONValue.object(object).text + "\n").utf8)
        _ = write(2, line, line.count)
    }
}
