import CHost
import Glibc
import JSON
import Unpacking

/// JSON messages over a SEQPACKET socket, each with at most one descriptor. Every call blocks.
public final class PacketSocket {
    /// Bytes of a message at most.
    private static let limit = 64 << 10

    public let number: Int32

    /// - Parameter number: stays the caller's.
    public init(_ number: Int32) { self.number = number }

    public func send(_ message: some Encodable, _ descriptor: Int32? = nil) throws(ImageError) {
        let bytes: [UInt8]
        do { bytes = Array(try JSONValue(encoding: message).text.utf8) } catch {
            throw ImageError(.invalid, "a message cannot be written: \(error)")
        }
        let descriptors = descriptor.map { [$0] } ?? []
        let sent = zos_packet_send(
            number, bytes, bytes.count, nil, 0, descriptors, UInt32(descriptors.count), 0)
        guard sent == bytes.count else {
            throw ImageError(.unavailable, "the other side has gone: \(systemText(Int32(clamping: -sent)))")
        }
    }

    /// The next message; nil when the other side has closed.
    public func receive<Message: Decodable>(_ type: Message.Type) throws(ImageError) -> (Message, FileHandle?)? {
        var buffer = [UInt8](repeating: 0, count: Self.limit)
        var descriptors = [Int32](repeating: -1, count: Int(ZOS_PACKET_DESCRIPTORS))
        var count: UInt32 = 0
        let received = zos_packet_receive(number, &buffer, buffer.count, &descriptors, &count, 0)
        let handles = descriptors.prefix(Int(count)).map(FileHandle.init(taking:))
        guard received >= 0 else {
            throw ImageError(.unavailable, "the other side has gone: \(systemText(Int32(clamping: -received)))")
        }
        guard received > 0 else { return nil }
        do {
            return (try JSONValue(parsing: Array(buffer[..<received])).decode(type), handles.first)
        } catch { throw ImageError(.invalid, "a message cannot be read: \(error)") }
    }
}
