import CHost
import Glibc
import JSON
import Netlink

/// Taps on segments that other workloads export. The plugin never holds one: the core keeps it for a companion.
struct TapBroker {
    let room: BrokerRoom
    private static let entitlement = "taps"
    /// IFF_TAP | IFF_NO_PI | IFF_VNET_HDR.
    private static let flags: Int32 = 0x0002 | 0x1000 | 0x4000

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        _ = try call.mac("mac")
        let segment = try segment(call)
        let namespace = segment.parameters["namespace"]?.stringValue
        let record = ObjectRecord(
            kind: .tap, name: name, plugin: call.plugin, workload: call.workload,
            parameters: [
                "segment": .string(segment.name), "segmentNamespace": namespace.map(JSONValue.string) ?? .null,
            ])
        let room = room
        let network = room.network
        let tag = record.tag(node: room.configuration.node)
        let created = try await room.create(record, undo: { try Self.remove(name, namespace, tag, room) }) {
            let place = try network.place(namespace)
            let (known, bridge) = try network.route(in: place) { route throws(NetlinkError) in
                (try route.link(named: name), try route.link(named: segment.name))
            }
            guard let bridge else {
                throw HostingError(.unavailable, "segment \(segment.name) is not there", isRetryable: true)
            }
            if let known, try SegmentBroker.isOurs(known, tag, name) {
                // A companion holds it, or the core does; the segment may be a new one of the same name.
                try network.route(in: place) { route throws(NetlinkError) in
                    if known.master != bridge.index {
                        try route.change(known.index, LinkChange(master: .index(bridge.index)))
                    }
                }
                return false
            }
            let tap = OwnedDescriptor(
                taking: try checked(zos_tun_open(place.number, name, Self.flags), "make the tap \(name)"))
            try network.route(in: place) { route throws(NetlinkError) in
                guard let link = try route.link(named: name) else { throw NetlinkError(ENODEV, "find \(name)") }
                try route.change(
                    link.index,
                    LinkChange(mtu: bridge.mtu, alias: tag, master: .index(bridge.index), generatesLinkLocal: false))
            }
            try network.silenceIPv6(name, in: place)
            try network.route(in: place) { route throws(NetlinkError) in
                if let link = try route.link(named: name) { try route.change(link.index, LinkChange(isUp: true)) }
            }
            room.keep(tap, as: name)
            return true
        }
        return HostAnswer(["created": .bool(created)])
    }

    /// The segment that the referenced workload exports: the reference is one that the core has validated, and the segment
    /// belongs to the plugin that serves that workload.
    private func segment(_ call: BrokerCall) throws(HostingError) -> ObjectRecord {
        let reference = try call.text("reference")
        let export = try ExportAccess(room: room).export(reference, kind: "segment", for: call)
        guard let name = export.value["segment"]?.stringValue, let record = room.ledger.record(.segment, name),
            record.plugin == export.plugin
        else {
            throw HostingError(.denied, "what \(reference) exports is no segment of its plugin")
        }
        return record
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        if let record = try room.ledger.find(.tap, try call.name("name"), for: call) { try await remove(record) }
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        let room = room
        let tag = record.tag(node: room.configuration.node)
        let namespace = record.parameters["segmentNamespace"]?.stringValue
        try await room.delete(record) { try Self.remove(record.name, namespace, tag, room) }
    }

    private static func remove(
        _ name: String, _ namespace: String?, _ tag: String, _ room: BrokerRoom
    ) throws(HostingError) {
        room.keep(nil, as: name)
        try SegmentBroker.removeLink(name, namespace, tag, room.network)
    }
}
