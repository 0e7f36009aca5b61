import CHost
import Glibc

/// Reads messages from a packet socket, blocking or not.
public struct PacketReceiver {
    private let socket: Int32
    private var assembler: MessageAssembler
    private var buffer = [UInt8](repeating: 0, count: FrameHeader.size + Message.packetLimit)

    public init(socket: Int32, accepting kinds: Set<FrameKind>) {
        self.socket = socket
        assembler = MessageAssembler(accepting: kinds)
    }

    /// The next whole message with its descriptors, which are the caller's from now on; nil at the end.
    public mutating func next() throws(FrameError) -> (Message, [Int32])? {
        while true {
            switch try receive(flags: 0) {
            case .message(let message, let descriptors): return (message, descriptors)
            case .partial: continue
            case .end, .nothing: return nil
            }
        }
    }

    public enum Received {
        case message(Message, [Int32])
        case partial
        case end
        /// Only with MSG_DONTWAIT.
        case nothing
    }

    /// Takes one packet.
    public mutating func receive(flags: Int32) throws(FrameError) -> Received {
        var descriptors = [Int32](repeating: -1, count: Int(ZOS_PACKET_DESCRIPTORS))
        var count: UInt32 = 0
        let length = zos_packet_receive(socket, &buffer, buffer.count, &descriptors, &count, flags)
        descriptors.removeLast(descriptors.count - Int(count))
        if length == -Int(EAGAIN) { return .nothing }
        // A reset is how an end looks when there was still something to read on the other side.
        if length == 0 || length == -Int(ECONNRESET) { return .end }
        guard length > 0 else {
            throw FrameError(length == -Int(EMSGSIZE) ? "a packet that is too large" : "receiving failed (\(-length))")
        }
        do {
            guard let (message, passed) = try assembler.take(buffer[..<length], descriptors: descriptors) else {
                return .partial
            }
            return .message(message, passed)
        } catch {
            for descriptor in descriptors + assembler.pendingDescriptors { close(descriptor) }
            throw error
        }
    }
}
