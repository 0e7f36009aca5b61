import Glibc

extension RouteNetlink {
    /// The link of that name, or nil.
    public func link(named name: String) throws(NetlinkError) -> Link? {
        try Self.check(name)
        var writer = Self.header()
        writer.attribute(LinkAttribute.name, text: name)
        do throws(NetlinkError) {
            let answer = try socket.request(
                type: RouteMessage.getLink, payload: writer.bytes, to: "look up link \(name)")
            return answer.lazy.compactMap(Link.init).first
        } catch  where error.number == ENODEV {
            return nil
        }
    }

    /// All links of the namespace.
    public func links() throws(NetlinkError) -> [Link] {
        try socket.dump(type: RouteMessage.getLink, payload: Self.header().bytes, to: "list links")
            .compactMap(Link.init)
    }

    /// Creates a link that must not exist yet (`EEXIST` otherwise) and returns it.
    ///
    /// A link made in another namespace (`namespace`) is not returned: it cannot be seen from here.
    @discardableResult
    public func create(_ link: NewLink) throws(NetlinkError) -> Link? {
        try Self.check(link.name)
        // The kernel takes neither an alias nor IPv6 settings at creation; those come before the link goes up.
        let needsMore = link.alias != nil || !link.generatesLinkLocal
        var writer = Self.header(isUp: link.isUp && !needsMore)
        writer.attribute(LinkAttribute.name, text: link.name)
        if let mtu = link.mtu { writer.attribute(LinkAttribute.mtu, mtu) }
        if let address = link.hardwareAddress { writer.attribute(LinkAttribute.address, address) }
        if let master = link.master { writer.attribute(LinkAttribute.master, master) }
        if let namespace = link.namespace {
            writer.attribute(LinkAttribute.namespaceDescriptor, UInt32(bitPattern: namespace))
        }
        if case .veth(let peer) = link.kind { try Self.check(peer.name) }
        writer.nest(LinkAttribute.linkInfo) { info in
            info.attribute(1, text: link.kind.text)
            switch link.kind {
            case .bridge(let options): info.nest(2) { options.encode(into: &$0) }
            case .veth(let peer): info.nest(2) { $0.nest(1) { Self.encode(peer, into: &$0) } }
            case .named: break
            }
        }
        try socket.request(
            type: RouteMessage.newLink, flags: MessageFlag.create | MessageFlag.exclusive, payload: writer.bytes,
            to: "create \(link.kind.text) \(link.name)")
        guard link.namespace == nil, let made = try self.link(named: link.name) else { return nil }
        guard needsMore else { return made }
        do throws(NetlinkError) {
            let generates = link.generatesLinkLocal ? nil : false
            try change(made.index, LinkChange(alias: link.alias, generatesLinkLocal: generates))
            if link.isUp { try change(made.index, LinkChange(isUp: true)) }
            return try self.link(named: link.name)
        } catch {
            // Half made, nobody would recognise it; the first error is the one to report.
            try? delete(made.index)
            throw error
        }
    }

    /// Changes a link; all at once where the kernel can, the move to another namespace last.
    public func change(_ index: UInt32, _ change: LinkChange) throws(NetlinkError) {
        var writer = Self.header(index: index, isUp: change.isUp)
        if let name = change.name {
            try Self.check(name)
            writer.attribute(LinkAttribute.name, text: name)
        }
        if let mtu = change.mtu { writer.attribute(LinkAttribute.mtu, mtu) }
        if let address = change.hardwareAddress { writer.attribute(LinkAttribute.address, address) }
        if let alias = change.alias { writer.attribute(LinkAttribute.alias, Array(alias.utf8.prefix(255))) }
        switch change.master {
        case .index(let master): writer.attribute(LinkAttribute.master, master)
        case .some(.none): writer.attribute(LinkAttribute.master, UInt32(0))
        case nil: break
        }
        if let namespace = change.namespace {
            writer.attribute(LinkAttribute.namespaceDescriptor, UInt32(bitPattern: namespace))
        }
        if change.generatesLinkLocal == false { Self.forbidLinkLocal(&writer) }
        try socket.request(type: RouteMessage.setLink, payload: writer.bytes, to: "change link \(index)")
    }

    /// Deletes a link by its index; `ENODEV` if it is gone already.
    public func delete(_ index: UInt32) throws(NetlinkError) {
        try socket.request(
            type: RouteMessage.deleteLink, payload: Self.header(index: index).bytes, to: "delete link \(index)")
    }

    /// Deletes a link by its name. Returns whether there was one.
    @discardableResult
    public func deleteLink(named name: String) throws(NetlinkError) -> Bool {
        guard let link = try link(named: name) else { return false }
        do throws(NetlinkError) {
            try delete(link.index)
            return true
        } catch  where error.number == ENODEV {
            return false
        }
    }

    /// `ifinfomsg`.
    private static func header(index: UInt32 = 0, isUp: Bool? = nil) -> NetlinkWriter {
        var writer = NetlinkWriter()
        writer.append(UInt32(0))
        writer.append(index)
        writer.append(isUp == true ? LinkFlag.up : UInt32(0))
        writer.append(isUp == nil ? UInt32(0) : LinkFlag.up)
        return writer
    }

    private static func encode(_ peer: NewLink.Peer, into writer: inout NetlinkWriter) {
        writer.append(aligned: header().bytes)
        writer.attribute(LinkAttribute.name, text: peer.name)
        if let mtu = peer.mtu { writer.attribute(LinkAttribute.mtu, mtu) }
        if let address = peer.hardwareAddress { writer.attribute(LinkAttribute.address, address) }
        if let namespace = peer.namespace {
            writer.attribute(LinkAttribute.namespaceDescriptor, UInt32(bitPattern: namespace))
        }
    }

    /// IFLA_INET6_ADDR_GEN_MODE = none.
    private static func forbidLinkLocal(_ writer: inout NetlinkWriter) {
        writer.nest(LinkAttribute.familySpecific) { $0.nest(UInt16(AddressFamily.v6)) { $0.attribute(8, UInt8(1)) } }
    }
}
