import Glibc

/// One end of a splice: a non-blocking stream socket and what has still to be written to it.
struct SplicedSocket: Sendable {
    /// Bytes that are read at a time, and that may wait for a reader that is slower than the other side.
    static let bound = 64 << 10

    let socket: OwnedDescriptor
    private var pending: [UInt8] = []
    private var written = 0
    /// The other side has sent its last byte.
    private(set) var hasEnded = false
    /// Its end has been passed on to the reader of this socket.
    private(set) var isShut = false
    private(set) var isBroken = false
    private(set) var lastMoved: ContinuousClock.Instant

    init(_ socket: OwnedDescriptor, at now: ContinuousClock.Instant) {
        self.socket = socket
        lastMoved = now
    }

    var waiting: Int { pending.count - written }
    /// Nothing more comes and nothing more goes.
    var isDone: Bool { isBroken || (hasEnded && isShut) }

    /// What to poll for. A reader that is behind holds back who writes to it (`mayRead`).
    func interest(mayRead: Bool) -> Int16 {
        (mayRead && !hasEnded ? Int16(POLLIN) : 0) | (waiting > 0 ? Int16(POLLOUT) : 0)
    }

    /// What has arrived; empty if nothing has, or nothing more will.
    mutating func receive(at now: ContinuousClock.Instant) -> [UInt8] {
        guard !hasEnded, !isBroken else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.bound) { buffer, count in
            let got = recv(socket.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            count = max(0, got)
            if got == 0 { hasEnded = true }
            if got < 0 && errno != EAGAIN && errno != EINTR { isBroken = true }
        }
        if !bytes.isEmpty { lastMoved = now }
        return bytes
    }

    mutating func queue(_ bytes: [UInt8]) {
        guard !isShut, !isBroken else { return }
        pending += bytes
    }

    /// Writes what can be written now.
    mutating func flush(at now: ContinuousClock.Instant) {
        while waiting > 0 && !isBroken {
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            let sent = pending[written...].withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, flags) }
            if sent < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { isBroken = true }
                break
            }
            written += sent
            lastMoved = now
        }
        if written == pending.count {
            pending.removeAll(keepingCapacity: true)
            written = 0
        } else if written > Self.bound {
            pending.removeFirst(written)
            written = 0
        }
    }

    /// Passes the other side's end on, once everything before it has been written.
    mutating func shut() {
        guard !isShut, waiting == 0, !isBroken else { return }
        isShut = true
        if shutdown(socket.number, Int32(SHUT_WR)) != 0 { isBroken = true }
    }
}
