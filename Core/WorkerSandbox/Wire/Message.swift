import CHost

/// One message between core and worker, whole.
public struct Message: Sendable {
    /// Payload of one packet (docs/spec/plugin-protocol.md section 1).
    public static let packetLimit = 65536
    /// Payload of one message.
    public static let limit = 4 << 20
    /// Payload of one note.
    public static let noteLimit = 65536
    /// Requests that are open at a time, and calls.
    public static let window = 64
    /// Bytes and descriptors that the open calls carry together.
    public static let openCallBytes = 8 << 20
    public static let openCallDescriptors = 128

    public var kind: FrameKind
    public var operation: UInt16
    public var id: UInt64
    public var status: Int32
    public var deadline: UInt64
    public var payload: [UInt8]

    public init(
        _ kind: FrameKind, operation: UInt16 = 0, id: UInt64 = 0, status: Int32 = 0, deadline: UInt64 = 0,
        payload: [UInt8]
    ) {
        self.kind = kind
        self.operation = operation
        self.id = id
        self.status = status
        self.deadline = deadline
        self.payload = payload
    }

    /// The number of packets that it takes.
    public var packetCount: Int { max(1, (payload.count + Self.packetLimit - 1) / Self.packetLimit) }

    /// Sends packet number `index`, the first one with copies of `descriptors`.
    ///
    /// - Returns: what `zos_packet_send` returned: negative is -errno.
    public func send(packet index: Int, on socket: Int32, descriptors: [Int32], flags: Int32) -> Int {
        let start = min(index * Self.packetLimit, payload.count)
        let end = min(start + Self.packetLimit, payload.count)
        let header = FrameHeader(
            kind: kind, hasMore: end < payload.count, operation: operation, id: id, status: status,
            length: UInt32(end - start), deadline: deadline
        ).bytes
        let passed = index == 0 ? descriptors : []
        return payload.withUnsafeBytes { body in
            // SAFETY: the slice lies within the payload, which outlives the call, as do the other two arrays.
            let part = UnsafeRawBufferPointer(rebasing: body[start..<end])
            return zos_packet_send(
                socket, header, header.count, part.baseAddress, part.count, passed, UInt32(passed.count), flags)
        }
    }

    /// Sends it whole on a blocking socket; the caller keeps other senders away meanwhile.
    ///
    /// - Returns: 0 or -errno.
    public func send(on socket: Int32, descriptors: [Int32] = []) -> Int {
        for index in 0..<packetCount {
            let sent = send(packet: index, on: socket, descriptors: descriptors, flags: 0)
            if sent < 0 { return sent }
        }
        return 0
    }
}
