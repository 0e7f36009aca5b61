/// One message that the kernel sent.
public struct NetlinkMessage: Sendable {
    public let type: UInt16
    public let flags: UInt16
    public let sequence: UInt32
    /// What follows the header.
    public let payload: ArraySlice<UInt8>

    static let headerSize = 16

    /// Splits a datagram; throws `EBADMSG` where a length points outside it.
    static func split(_ datagram: ArraySlice<UInt8>) throws(NetlinkError) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = datagram
        while !rest.isEmpty {
            guard let length = rest.integer(UInt32.self, at: 0), let type = rest.integer(UInt16.self, at: 4),
                let flags = rest.integer(UInt16.self, at: 6), let sequence = rest.integer(UInt32.self, at: 8),
                length >= headerSize, Int(length) <= rest.count
            else { throw NetlinkError(74, "read a netlink answer: a length points outside of it") }
            let payload = rest.dropFirst(headerSize).prefix(Int(length) - headerSize)
            messages.append(NetlinkMessage(type: type, flags: flags, sequence: sequence, payload: payload))
            rest = rest.dropFirst((Int(length) + 3) & ~3)
        }
        return messages
    }

    /// Header and payload of a message to send.
    static func encode(type: UInt16, flags: UInt16, sequence: UInt32, payload: [UInt8]) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(UInt32(headerSize + payload.count))
        writer.append(type)
        writer.append(flags)
        writer.append(sequence)
        writer.append(UInt32(0))
        writer.append(aligned: payload)
        return writer.bytes
    }
}

/// Bits of a message's flags.
enum MessageFlag {
    static let request: UInt16 = 0x1
    static let ack: UInt16 = 0x4
    static let dump: UInt16 = 0x300
    static let replace: UInt16 = 0x100
    static let exclusive: UInt16 = 0x200
    static let create: UInt16 = 0x400
    static let append: UInt16 = 0x800
    /// On an answer: the dump was disturbed by a change and has to be repeated.
    static let interrupted: UInt16 = 0x10
    /// On an acknowledgement: the kernel's words follow.
    static let explained: UInt16 = 0x200
}

/// Types that every netlink family shares.
enum ControlMessage {
    static let error: UInt16 = 2
    static let done: UInt16 = 3
}
