import Glibc
import Logging
import Synchronization
import WorkerSandbox

/// What a plugin says for the log: notes, and lines on its standard output and error. Bounded in rate and length.
final class WorkerChatter: Sendable {
    /// Lines per `period`; more are counted and dropped.
    private static let lineLimit = 500
    /// Log notes per `period`; more are no chatter but an attack on the core's time.
    private static let noteLimit = 20000
    /// Calls per `period`; the same.
    private static let callLimit = 50000
    private static let period = Duration.seconds(10)
    private static let lineLength = 8192

    private struct State {
        var periodEnd = ContinuousClock.now + WorkerChatter.period
        var lines = 0
        var notes = 0
        var calls = 0
        var partial: [UInt8] = []
        var last: String?
        var isOpen = true
    }

    let log: Logger
    private let state = Mutex(State())

    init(log: Logger) { self.log = log }

    /// Whether the output has not ended.
    var isOpen: Bool { state.withLock { $0.isOpen } }
    /// The last line of output.
    var tail: String? { state.withLock { $0.last } }

    /// A log note of the plugin.
    func take(level: Int32, _ text: String) throws(FrameError) {
        let isFlood = state.withLock { state in
            turnPage(&state)
            state.notes += 1
            return state.notes > Self.noteLimit
        }
        if isFlood { throw FrameError("more than \(Self.noteLimit) log messages in 10 seconds") }
        write(Self.levels.indices.contains(Int(level)) ? Self.levels[Int(level)] : .info, text)
    }

    /// A call of the plugin.
    func takeCall() throws(FrameError) {
        let isFlood = state.withLock { state in
            turnPage(&state)
            state.calls += 1
            return state.calls > Self.callLimit
        }
        if isFlood { throw FrameError("more than \(Self.callLimit) calls in 10 seconds") }
    }

    private static let levels: [Logger.Level] = [.debug, .info, .notice, .warning, .error]

    /// Reads what is there of the output.
    func read(_ descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16384)
        // A few chunks at a time: the worker blocks meanwhile, the core must not.
        for _ in 0..<8 {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { state.withLock { $0.isOpen = false } }
            guard count > 0 else { return }
            for line in lines(chunk[..<count]) { write(.info, line) }
        }
    }

    private func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
        state.withLock { state in
            var lines: [String] = []
            for byte in bytes {
                if byte != UInt8(ascii: "\n") { state.partial.append(byte) }
                guard byte == UInt8(ascii: "\n") || state.partial.count >= Self.lineLength else { continue }
                lines.append(String(decoding: state.partial, as: UTF8.self))
                state.partial = []
            }
            if let last = lines.last { state.last = PlainText.line(last) }
            return lines
        }
    }

    private func write(_ level: Logger.Level, _ text: String) {
        let isAllowed = state.withLock { state in
            turnPage(&state)
            state.lines += 1
            return state.lines <= Self.lineLimit
        }
        if isAllowed {
            log.log(
                level: level, "plugin says", metadata: ["text": .string(PlainText.line(text, atMost: Self.lineLength))])
        }
    }

    private func turnPage(_ state: inout State) {
        let now = ContinuousClock.now
        guard now >= state.periodEnd else { return }
        if state.lines > Self.lineLimit {
            log.warning("output of a plugin dropped", metadata: ["lines": "\(state.lines - Self.lineLimit)"])
        }
        (state.periodEnd, state.lines, state.notes, state.calls) = (now + Self.period, 0, 0, 0)
    }
}
