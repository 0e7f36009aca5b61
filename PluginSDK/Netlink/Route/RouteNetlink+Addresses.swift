import Glibc

extension RouteNetlink {
    /// Addresses of a link, both families, link-local ones included.
    public func addresses(of index: UInt32) throws(NetlinkError) -> [InterfaceAddress] {
        let messages = try socket.dump(
            type: RouteMessage.getAddress, payload: Self.addressHeader(family: 0, prefix: 0, index: 0),
            to: "list addresses")
        return messages.compactMap { message in
            guard message.type == RouteMessage.newAddress, message.payload.integer(UInt32.self, at: 4) == index,
                let prefix = message.payload.integer(UInt8.self, at: 1)
            else { return nil }
            let attributes = NetlinkAttributes(message.payload.dropFirst(8))
            // On a point-to-point link IFA_ADDRESS is the other side, IFA_LOCAL ours; IPv6 has only the former.
            guard let bytes = attributes[AddressAttribute.local] ?? attributes[AddressAttribute.address] else {
                return nil
            }
            return InterfaceAddress(bytes: Array(bytes), prefix: prefix)
        }
    }

    /// Adds an address, usable at once. Returns false if the link has it already.
    @discardableResult
    public func add(_ address: InterfaceAddress, to index: UInt32) throws(NetlinkError) -> Bool {
        var payload = Self.addressHeader(family: address.family, prefix: address.prefix, index: index)
        var writer = NetlinkWriter()
        writer.attribute(AddressAttribute.local, address.bytes)
        writer.attribute(AddressAttribute.address, address.bytes)
        if address.isV6 { writer.attribute(AddressAttribute.flags, AddressAttribute.withoutDetection) }
        payload += writer.bytes
        do throws(NetlinkError) {
            try socket.request(
                type: RouteMessage.newAddress, flags: MessageFlag.create | MessageFlag.exclusive, payload: payload,
                to: "add address \(address.text) to link \(index)")
            return true
        } catch  where error.number == EEXIST {
            return false
        }
    }

    /// Removes an address. Returns false if the link did not have it.
    @discardableResult
    public func remove(_ address: InterfaceAddress, from index: UInt32) throws(NetlinkError) -> Bool {
        var payload = Self.addressHeader(family: address.family, prefix: address.prefix, index: index)
        var writer = NetlinkWriter()
        writer.attribute(AddressAttribute.local, address.bytes)
        payload += writer.bytes
        do throws(NetlinkError) {
            try socket.request(
                type: RouteMessage.deleteAddress, payload: payload,
                to: "remove address \(address.text) from link \(index)")
            return true
        } catch  where error.number == EADDRNOTAVAIL {
            return false
        }
    }

    /// `ifaddrmsg`.
    private static func addressHeader(family: UInt8, prefix: UInt8, index: UInt32) -> [UInt8] {
        var writer = NetlinkWriter()
        writer.append(family)
        writer.append(prefix)
        writer.append(UInt16(0))
        writer.append(index)
        return writer.bytes
    }
}
