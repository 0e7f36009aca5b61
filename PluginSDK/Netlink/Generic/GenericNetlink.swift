import Glibc

/// Families that have no number of their own, found by name, in the namespace in which the socket was opened.
public struct GenericNetlink {
    let socket: NetlinkSocket

    /// Borrows a socket of family `generic`.
    public init(_ socket: NetlinkSocket) {
        self.socket = socket
    }

    /// Borrows a descriptor of family `generic`; whoever holds it closes it.
    public init(descriptor: Int32) {
        socket = NetlinkSocket(descriptor: descriptor)
    }

    /// The number of a family, or nil if the kernel does not have it.
    public func family(_ name: String) throws(NetlinkError) -> UInt16? {
        var writer = Self.header(command: 3, version: 1)
        writer.attribute(2, text: name)
        do throws(NetlinkError) {
            let answer = try socket.request(type: 16, payload: writer.bytes, to: "find the netlink family \(name)")
            return answer.lazy.compactMap { NetlinkAttributes($0.payload.dropFirst(4)).integer(1) }.first
        } catch  where error.number == ENOENT {
            return nil
        }
    }

    /// `genlmsghdr`.
    static func header(command: UInt8, version: UInt8) -> NetlinkWriter {
        var writer = NetlinkWriter()
        writer.append(command)
        writer.append(version)
        writer.append(UInt16(0))
        return writer
    }
}
