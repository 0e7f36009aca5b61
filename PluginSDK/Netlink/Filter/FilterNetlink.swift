import Glibc

/// Tables, chains and rules of nf_tables in the namespace in which the socket was opened.
public struct FilterNetlink {
    private let socket: NetlinkSocket

    static let subsystem: UInt16 = 10 << 8

    /// Borrows a socket of family `netfilter`.
    public init(_ socket: NetlinkSocket) {
        self.socket = socket
    }

    /// Borrows a descriptor of family `netfilter`; whoever holds it closes it.
    public init(descriptor: Int32) {
        socket = NetlinkSocket(descriptor: descriptor)
    }

    /// Makes the changes, all or none.
    public func commit(_ transaction: FilterTransaction) throws(NetlinkError) {
        guard !transaction.isEmpty else { return }
        var messages: [FilterTransaction.Message] = [(16, 0, Self.batch)]
        messages += transaction.messages
        messages.append((17, 0, Self.batch))
        do throws(NetlinkError) {
            try socket.transact(messages, acknowledging: messages.count - 2)
        } catch {
            throw error.trying("change the filter table \(transaction.table)")
        }
    }

    /// Names of the tables of a family.
    public func tables(_ family: FilterFamily) throws(NetlinkError) -> [String] {
        try socket.dump(
            type: Self.subsystem | 1, payload: Self.header(family).bytes, to: "list filter tables"
        ).compactMap { NetlinkAttributes($0.payload.dropFirst(4)).text(1) }
    }

    /// Names of the chains of a table; none if it does not exist.
    public func chains(_ family: FilterFamily, table: String) throws(NetlinkError) -> [String] {
        let answer = try socket.dump(
            type: Self.subsystem | 4, payload: Self.header(family).bytes, to: "list the chains of table \(table)")
        return answer.compactMap {
            let attributes = NetlinkAttributes($0.payload.dropFirst(4))
            return attributes.text(1).flatMap { $0.utf8.elementsEqual(table.utf8) ? attributes.text(3) : nil }
        }
    }

    /// Rules of a table, or of one of its chains, in order; none if there is no such table.
    public func rules(_ family: FilterFamily, table: String, chain: String? = nil) throws(NetlinkError)
        -> [InstalledRule]
    {
        var writer = Self.header(family)
        writer.attribute(1, text: table)
        if let chain { writer.attribute(2, text: chain) }
        do throws(NetlinkError) {
            return try socket.dump(
                type: Self.subsystem | 7, payload: writer.bytes, to: "list the rules of table \(table)"
            ).compactMap(InstalledRule.init)
        } catch  where error.number == ENOENT {
            return []
        }
    }

    /// `nfgenmsg`.
    static func header(_ family: FilterFamily) -> NetlinkWriter {
        var writer = NetlinkWriter()
        writer.append(family.rawValue)
        writer.append(UInt8(0))
        writer.append(UInt16(0))
        return writer
    }

    /// `nfgenmsg` of a batch's begin and end: the subsystem stands in its last member, big endian.
    private static let batch: [UInt8] = [0, 0, 0, 10]
}
