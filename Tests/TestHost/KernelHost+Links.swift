import CHost
import Glibc
import JSON
import Netlink
import PluginSDK

extension KernelHost {
    func serveSegment(_ service: String, _ request: JSONValue) throws -> HostReply {
        let name = request["name"]?.stringValue ?? ""
        switch service {
        case "segment.create":
            let inside = request["namespace"]?.stringValue
            let created = try withRoutes(in: try required(inside)) { routes in
                if try routes.link(named: name) != nil { return false }
                let options = BridgeOptions(forwardDelay: 0, snoopsMulticast: false)
                do {
                    try routes.create(
                        NewLink(name: name, kind: .bridge(options), isUp: true, generatesLinkLocal: false))
                } catch let error as NetlinkError where error.number == EEXIST {
                    // A call at the same time was faster.
                    return false
                }
                return true
            }
            state.withLock { $0.segments[name] = inside ?? "" }
            return HostReply(["created": .bool(created)])
        case "segment.delete":
            guard let place = try? place(of: name) else { return HostReply() }
            _ = try withRoutes(in: place) { try $0.deleteLink(named: name) }
            state.withLock { $0.segments[name] = nil }
            return HostReply()
        case "segment.attach":
            let target = try required(request["namespace"]?.stringValue)
            let mac = request["mac"]?.stringValue
            return HostReply(["created": .bool(try join(try segment(request), target, name, mac))])
        case "segment.detach":
            guard let target = request["namespace"]?.stringValue.flatMap({ namespace($0) }) else { return HostReply() }
            _ = try withRoutes(in: target) { try $0.deleteLink(named: name) }
            return HostReply()
        case "exit.attach":
            let exit = request["exit"]?.stringValue ?? ""
            guard let reply = state.withLock({ $0.exits[exit] }) else {
                throw PluginError.unsupported("no exit \(exit)")
            }
            let created: Bool
            if let inside = request["namespace"]?.stringValue {
                created = try pair(name, try required(inside), exit, outside, mac: request["mac"]?.stringValue)
            } else {
                created = try join(try segment(request), outside, exit, nil, port: name)
            }
            guard var object = reply.payload.objectValue else { return reply }
            object["created"] = .bool(created)
            return HostReply(.object(object))
        default: throw PluginError.unsupported(service)
        }
    }

    func serveLink(_ service: String, _ request: JSONValue) throws -> HostReply {
        let name = request["name"]?.stringValue ?? ""
        switch service {
        case "link.create":
            return try createLink(name, request)
        case "link.tun":
            // IFF_TUN with packet information.
            let device = zos_tun_open(node, name, 1)
            guard device >= 0 else { throw PluginError.failed("tun \(name): \(device)") }
            return HostReply(descriptors: [Descriptor(taking: device)])
        case "link.move":
            let target = try required(request["namespace"]?.stringValue)
            try withRoutes(in: node) { routes in
                guard let link = try routes.link(named: name) else { throw PluginError.invalid("no link \(name)") }
                try routes.change(
                    link.index, LinkChange(name: request["rename"]?.stringValue, namespace: target))
            }
            return HostReply()
        case "link.delete":
            _ = try withRoutes(in: try required(request["namespace"]?.stringValue)) { try $0.deleteLink(named: name) }
            return HostReply()
        default: throw PluginError.unsupported(service)
        }
    }

    private func createLink(_ name: String, _ request: JSONValue) throws -> HostReply {
        let target = try required(request["namespace"]?.stringValue)
        let present = try withRoutes(in: target) { try $0.link(named: name) }
        if present != nil { return HostReply(["created": false]) }
        let link = NewLink(name: name, kind: .named(request["kind"]?.stringValue ?? ""))
        do {
            try withRoutes(in: node) { routes in
                if let made = try routes.create(link) { try routes.change(made.index, LinkChange(namespace: target)) }
            }
        } catch let error as NetlinkError where error.number == EOPNOTSUPP {
            throw PluginError.unsupported("the kernel has no such kind")
        }
        return HostReply(["created": true])
    }

    /// The namespace that a segment is in.
    public func place(of segment: String) throws -> Int32 {
        guard let inside = state.withLock({ $0.segments[segment] }) else {
            throw PluginError.invalid("there is no segment \(segment)")
        }
        return try required(inside.isEmpty ? nil : inside)
    }

    private func segment(_ request: JSONValue) throws -> String {
        let name = request["segment"]?.stringValue ?? ""
        _ = try place(of: name)
        return name
    }

    /// Connects a link `name` in `target` to a segment, as a machine's or a router's would be. `port` is the name of
    /// the segment's end. Returns false if there is one already.
    @discardableResult
    public func join(
        _ segment: String, _ target: Int32, _ name: String, _ mac: String?, port: String? = nil
    ) throws -> Bool {
        let place = try place(of: segment)
        let port = port ?? "v-\(name.suffix(13))"
        guard try pair(port, place, name, target, peerMAC: mac) else { return false }
        try withRoutes(in: place) { routes in
            guard let bridge = try routes.link(named: segment), let link = try routes.link(named: port) else { return }
            try routes.change(link.index, LinkChange(master: .index(bridge.index)))
        }
        return true
    }

    private func pair(
        _ name: String, _ place: Int32, _ peer: String, _ target: Int32, mac: String? = nil, peerMAC: String? = nil
    ) throws -> Bool {
        if try withRoutes(in: target, { try $0.link(named: peer) }) != nil { return false }
        func bytes(_ mac: String?) -> [UInt8]? {
            mac.map { $0.split(separator: ":").compactMap { UInt8($0, radix: 16) } }
        }
        try withRoutes(in: place) { routes in
            let other = NewLink.Peer(name: peer, namespace: target, hardwareAddress: bytes(peerMAC))
            try routes.create(
                NewLink(
                    name: name, kind: .veth(peer: other), hardwareAddress: bytes(mac), isUp: true))
        }
        try withRoutes(in: target) { routes in
            if let link = try routes.link(named: peer) { try routes.change(link.index, LinkChange(isUp: true)) }
        }
        return true
    }
}
