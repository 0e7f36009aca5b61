import Glibc

/// Links, addresses and routes of the namespace in which the socket was opened.
public struct RouteNetlink {
    let socket: NetlinkSocket

    /// Borrows a socket of family `route`.
    public init(_ socket: NetlinkSocket) {
        self.socket = socket
    }

    /// Borrows a descriptor of family `route`; whoever holds it closes it.
    public init(descriptor: Int32) {
        socket = NetlinkSocket(descriptor: descriptor)
    }

    /// Names of links are 1 to 15 bytes without `/`, white space or a colon's meaning in file names.
    static func check(_ name: String) throws(NetlinkError) {
        let bytes = Array(name.utf8)
        guard (1...15).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 < 0x7f }),
            name != ".", name != ".."
        else { throw NetlinkError(EINVAL, "use the name '\(name)' for a link: 1 to 15 printable bytes without '/'") }
    }
}
