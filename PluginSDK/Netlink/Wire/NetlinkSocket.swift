import Glibc

/// Asks and answers over one netlink socket.
///
/// The descriptor is borrowed: whoever opened or received it closes it after the last use. Each call blocks until the
/// kernel has answered, which takes micro- to milliseconds, or until `patience` has passed. Not for use from several
/// threads at once: answers are told apart by sequence numbers that count up here.
///
/// Messages always go out by `sendto` with the kernel's address. Without one the kernel would also check the rights of
/// the process that opened the socket (docs/spec/plugin-runtime-facts.md section 10.1).
public final class NetlinkSocket {
    public let descriptor: Int32
    private var sequence: UInt32
    private var buffer: [UInt8]

    /// How long one answer may take, milliseconds. Deleting links waits for the kernel's grace periods: 100 ms is usual.
    static let patience: Int32 = 10_000
    /// The kernel fills dumps up to 32 KiB per datagram where the reader has room.
    static let largestDatagram = 65_536
    /// Datagrams of one exchange: enough for a hundred thousand links, an end for everything else.
    static let mostDatagrams = 4_096
    static let repetitions = 8

    public init(descriptor: Int32) {
        self.descriptor = descriptor
        var clock = timespec()
        clock_gettime(CLOCK_MONOTONIC, &clock)
        // Late answers to an earlier user of the same descriptor must not be taken for ours.
        sequence = UInt32(truncatingIfNeeded: clock.tv_nsec &* 7919 &+ clock.tv_sec)
        buffer = [UInt8](repeating: 0, count: Self.largestDatagram)
    }

    /// Sends one request and returns what the kernel sent before its acknowledgement.
    @discardableResult
    public func request(type: UInt16, flags: UInt16 = 0, payload: [UInt8], to attempt: @autoclosure () -> String)
        throws(NetlinkError) -> [NetlinkMessage]
    {
        let number = nextSequence()
        let flags = flags | MessageFlag.request | MessageFlag.ack
        do throws(NetlinkError) {
            try send(NetlinkMessage.encode(type: type, flags: flags, sequence: number, payload: payload))
            return try collect(from: number, through: number)
        } catch {
            throw error.trying(attempt())
        }
    }

    /// Asks for a list; repeats the question when the list changed while it was read.
    public func dump(type: UInt16, payload: [UInt8], to attempt: @autoclosure () -> String)
        throws(NetlinkError) -> [NetlinkMessage]
    {
        for _ in 0..<Self.repetitions {
            let number = nextSequence()
            let flags = MessageFlag.request | MessageFlag.dump
            do throws(NetlinkError) {
                try send(NetlinkMessage.encode(type: type, flags: flags, sequence: number, payload: payload))
                return try collect(from: number, through: number)
            } catch  where error.number == EINTR {
                continue
            } catch {
                throw error.trying(attempt())
            }
        }
        throw NetlinkError(EAGAIN, attempt(), detail: "the list kept changing while it was read")
    }

    /// Sends several messages in one datagram; the last one asks for the acknowledgement.
    func transact(_ messages: [(type: UInt16, flags: UInt16, payload: [UInt8])], acknowledging last: Int)
        throws(NetlinkError)
    {
        var datagram: [UInt8] = []
        let first = sequence &+ 1
        var awaited = first
        for (index, message) in messages.enumerated() {
            let number = nextSequence()
            var flags = message.flags | MessageFlag.request
            if index == last {
                flags |= MessageFlag.ack
                awaited = number
            }
            datagram += NetlinkMessage.encode(
                type: message.type, flags: flags, sequence: number, payload: message.payload)
        }
        try send(datagram)
        _ = try collect(from: first, through: awaited)
    }

    private func nextSequence() -> UInt32 {
        sequence &+= 1
        return sequence
    }

    /// Reads until the end or the acknowledgement of `last`, or an error of any number from `first` to it.
    private func collect(from first: UInt32, through last: UInt32) throws(NetlinkError) -> [NetlinkMessage] {
        var found: [NetlinkMessage] = []
        var isInterrupted = false
        for _ in 0..<Self.mostDatagrams {
            for message in try receive() where message.sequence &- first <= last &- first {
                isInterrupted = isInterrupted || message.flags & MessageFlag.interrupted != 0
                switch message.type {
                case ControlMessage.error:
                    try Self.check(message)
                    if message.sequence == last { return found }
                case ControlMessage.done:
                    if isInterrupted { throw NetlinkError(EINTR, "read a list") }
                    return found
                default:
                    found.append(message)
                }
            }
        }
        throw NetlinkError(EMSGSIZE, "read an answer", detail: "more than \(Self.mostDatagrams) datagrams")
    }

    /// Throws what an error message says; an error of 0 is an acknowledgement.
    private static func check(_ message: NetlinkMessage) throws(NetlinkError) {
        guard let code = message.payload.integer(Int32.self, at: 0) else {
            throw NetlinkError(EBADMSG, "read an acknowledgement")
        }
        guard code != 0 else { return }
        var detail: String?
        if message.flags & MessageFlag.explained != 0, let length = message.payload.integer(UInt32.self, at: 4) {
            // The refused message follows the code unless the socket asked for headers only; its length tells.
            let isCapped = message.flags & 0x100 != 0
            let skipped = 4 + (isCapped ? NetlinkMessage.headerSize : Int(length))
            detail = NetlinkAttributes(message.payload.dropFirst((skipped + 3) & ~3)).text(1)
        }
        throw NetlinkError(code == Int32.min ? EBADMSG : -code, "do it", detail: detail)
    }

    private func send(_ datagram: [UInt8]) throws(NetlinkError) {
        var address = KernelAddress()
        var sent = -1
        repeat {
            // SAFETY: both pointers are valid for the call; KernelAddress has the layout of sockaddr_nl.
            sent = datagram.withUnsafeBytes { bytes in
                withUnsafeBytes(of: &address) { target in
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, 0,
                        target.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(target.count))
                }
            }
        } while sent < 0 && errno == EINTR
        guard sent >= 0 else { throw NetlinkError(errno, "send to the kernel") }
        guard sent == datagram.count else { throw NetlinkError(EMSGSIZE, "send to the kernel") }
    }

    private func receive() throws(NetlinkError) -> [NetlinkMessage] {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var ready: Int32 = -1
        repeat { ready = poll(&poller, 1, Self.patience) } while ready < 0 && errno == EINTR
        guard ready >= 0 else { throw NetlinkError(errno, "wait for the kernel") }
        guard ready > 0 else { throw NetlinkError(ETIMEDOUT, "wait for the kernel") }
        var sender = KernelAddress()
        var senderSize = socklen_t(MemoryLayout<KernelAddress>.size)
        // SAFETY: the buffer is ours and as long as we say; KernelAddress has the layout of sockaddr_nl.
        let count = buffer.withUnsafeMutableBytes { bytes in
            withUnsafeMutableBytes(of: &sender) { source in
                recvfrom(
                    descriptor, bytes.baseAddress, bytes.count, Int32(MSG_TRUNC),
                    source.baseAddress?.assumingMemoryBound(to: sockaddr.self), &senderSize)
            }
        }
        guard count >= 0 else { throw NetlinkError(errno, "read from the kernel") }
        guard count <= buffer.count else { throw NetlinkError(EMSGSIZE, "read from the kernel") }
        // Any process may send to a netlink socket; only the kernel has port 0.
        guard sender.port == 0 else { return [] }
        return try NetlinkMessage.split(buffer[..<count])
    }
}

/// `sockaddr_nl`, which the C library's module does not have: family 16, port 0 is the kernel.
private struct KernelAddress {
    var family: UInt16 = 16
    var padding: UInt16 = 0
    var port: UInt32 = 0
    var groups: UInt32 = 0
}
