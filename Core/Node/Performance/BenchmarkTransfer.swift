import Glibc

/// One direction of a transfer over a socket. Blocks for the span, and a second more at most.
enum BenchmarkTransfer {
    /// A thread's share of a processor, in percent of the time that passed.
    struct Load: Sendable, Hashable {
        var user = 0.0
        var system = 0.0
    }

    struct Figures: Sendable, Hashable {
        /// What arrived.
        var bitsPerSecond = 0.0
        var receiver = Load()
        var sender = Load()
    }

    /// Bytes of a write, and of a datagram: what fits an Ethernet frame.
    private static let chunk = 128 << 10
    private static let datagram = 1400
    /// Bytes after which a transfer is long enough, whatever the span.
    private static let most = 4 << 30

    static func send(_ socket: Int32, datagrams: Bool, for span: Duration) -> Load {
        let bytes = [UInt8](repeating: 0x5a, count: datagrams ? datagram : chunk)
        let meter = LoadMeter()
        let end = ContinuousClock.now + span
        var sent = 0
        while ContinuousClock.now < end, sent < most {
            let count = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            sent += count
        }
        shutdown(socket, Int32(SHUT_WR))
        return meter.load()
    }

    /// Receives until the other side ends or the span is over.
    static func receive(_ socket: Int32, for span: Duration) -> Figures {
        var buffer = [UInt8](repeating: 0, count: chunk)
        let meter = LoadMeter()
        let start = ContinuousClock.now
        let end = start + span
        var received = 0
        while ContinuousClock.now < end {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            received += count
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Figures(
            bitsPerSecond: seconds > 0 ? (Double(received) * 8 / seconds).rounded() : 0, receiver: meter.load())
    }
}

/// What the calling thread takes of its processor from here on (getrusage(2)).
private struct LoadMeter {
    private let start = ContinuousClock.now
    private let before = LoadMeter.usage()

    func load() -> BenchmarkTransfer.Load {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard seconds > 0 else { return BenchmarkTransfer.Load() }
        let now = LoadMeter.usage()
        return BenchmarkTransfer.Load(
            user: max(0, now.user - before.user) / seconds * 100,
            system: max(0, now.system - before.system) / seconds * 100)
    }

    /// RUSAGE_THREAD, which the headers show to GNU sources only.
    private static let thread: __rusage_who_t = 1

    private static func usage() -> (user: Double, system: Double) {
        var usage = rusage()
        guard getrusage(thread, &usage) == 0 else { return (0, 0) }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (seconds(usage.ru_utime), seconds(usage.ru_stime))
    }
}
