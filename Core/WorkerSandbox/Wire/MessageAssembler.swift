/// Puts the packets of one direction together to messages. Pure: descriptors are numbers that pass through.
public struct MessageAssembler: Sendable {
    private struct Partial {
        var header: FrameHeader
        var payload: [UInt8]
        var descriptors: [Int32]
    }
    private let kinds: Set<FrameKind>
    private var partial: Partial?

    /// - Parameter kinds: what the other side may send.
    public init(accepting kinds: Set<FrameKind>) { self.kinds = kinds }

    /// Takes one packet.
    ///
    /// - Returns: the message that it completes, if it does, with the descriptors of its first packet.
    public mutating func take(
        _ packet: some RandomAccessCollection<UInt8>, descriptors: [Int32]
    ) throws(FrameError) -> (Message, [Int32])? {
        let header = try FrameHeader(parsing: packet)
        guard kinds.contains(header.kind) else { throw FrameError("a \(header.kind) in the wrong direction") }
        guard header.length <= Message.packetLimit else { throw FrameError("a packet of \(header.length) bytes") }
        var current = try begin(header, descriptors)
        guard current.payload.count + Int(header.length) <= Message.limit else {
            throw FrameError("a message of more than \(Message.limit) bytes")
        }
        current.payload.append(contentsOf: packet.dropFirst(FrameHeader.size))
        guard !header.hasMore else {
            guard header.length > 0 else { throw FrameError("an empty packet with more to follow") }
            partial = current
            return nil
        }
        partial = nil
        let message = Message(
            header.kind, operation: header.operation, id: header.id, status: header.status, deadline: header.deadline,
            payload: current.payload)
        return (message, current.descriptors)
    }

    /// Descriptors of a message that was never completed, for closing.
    public var pendingDescriptors: [Int32] { partial?.descriptors ?? [] }

    private func begin(_ header: FrameHeader, _ descriptors: [Int32]) throws(FrameError) -> Partial {
        guard let partial else { return Partial(header: header, payload: [], descriptors: descriptors) }
        var expected = partial.header
        (expected.hasMore, expected.length) = (header.hasMore, header.length)
        guard expected == header else { throw FrameError("a packet of another message inside message \(expected.id)") }
        guard descriptors.isEmpty else { throw FrameError("descriptors in a later packet of a message") }
        return partial
    }
}
