import CHost
import Glibc

/// A connection to the shim of one companion. Blocks: for threads of one's own.
struct ShimConnection {
    struct Report {
        let state: UInt32
        let process: Int32
        let status: Int32
        let startTime: UInt64
        let uptime: Duration
        let nonce: String
        /// What failed, if the companion did not start.
        let failure: String
        let output: OwnedDescriptor?
        let handle: OwnedDescriptor?
    }

    private let socket: OwnedDescriptor

    /// - Parameter folder: the shim's folder, mode 0700, where the core has bound `control`.
    /// - Throws: `operationFailed` if no shim listens there.
    init(folder: Int32) throws(HostingError) {
        socket = OwnedDescriptor(
            taking: try checked(
                zos_socket_connect(folder, "control", Int32(SOCK_SEQPACKET.rawValue), Int64(getuid())),
                "reach the companion's shim"))
    }

    func query(timeout: Duration) throws(HostingError) -> Report {
        try send(UInt32(ZOS_SHIM_QUERY))
        return try receive(timeout: timeout)
    }

    /// Tells the shim that the end was noted; it ends.
    func forget() throws(HostingError) { try send(UInt32(ZOS_SHIM_FORGET)) }

    private func send(_ operation: UInt32) throws(HostingError) {
        let request = zos_shim_request(magic: UInt32(ZOS_SHIM_MAGIC), operation: operation)
        let sent = withUnsafeBytes(of: request) {
            zos_packet_send(socket.number, $0.baseAddress, $0.count, nil, 0, nil, 0, 0)
        }
        try checked(Int32(clamping: sent), "ask the companion's shim")
    }

    /// The next report: the answer to a query, or the news that the companion has ended.
    func receive(timeout: Duration) throws(HostingError) -> Report {
        var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(
            clamping: timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000)
        guard try checkedErrno(poll(&waiting, 1, milliseconds), "wait for the companion's shim") == 1 else {
            throw HostingError(.deadlineExceeded, "the companion's shim does not answer", isRetryable: true)
        }
        var report = zos_shim_report()
        var numbers = [Int32](repeating: -1, count: Int(ZOS_PACKET_DESCRIPTORS))
        var count: UInt32 = 0
        let length = withUnsafeMutableBytes(of: &report) {
            zos_packet_receive(socket.number, $0.baseAddress, $0.count, &numbers, &count, 0)
        }
        let descriptors = numbers.prefix(Int(count)).map { OwnedDescriptor(taking: $0) }
        try checked(Int32(clamping: length), "hear the companion's shim")
        guard length == MemoryLayout<zos_shim_report>.size, report.magic == UInt32(ZOS_SHIM_MAGIC) else {
            throw HostingError(.operationFailed, "the companion's shim is gone or speaks another version")
        }
        return Report(
            state: report.state, process: report.pid, status: report.status, startTime: report.start_time,
            uptime: .milliseconds(Int64(clamping: report.uptime)), nonce: Self.text(report.nonce),
            failure: "\(Self.text(report.step)): \(systemText(report.error))", output: descriptors.first,
            handle: descriptors.count > 1 ? descriptors[1] : nil)
    }

    private static func text(_ tuple: some Any) -> String {
        withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
