/// Levels of the node's log.
public enum LogLevel: UInt32, Sendable {
    case debug = 0
    case info = 1
    case notice = 2
    case warning = 3
    case error = 4
}
