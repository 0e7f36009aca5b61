import CHost
import Glibc
import JSON
import Naming
import Netlink

/// Bridges, and what connects namespaces and ways out to them.
struct SegmentBroker {
    let room: BrokerRoom
    private static let entitlement = "segments"

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        let namespace = try call.optionalName("namespace")
        if let namespace { _ = try room.ledger.require(.namespace, namespace, for: call) }
        let mtu = (call.request["mtu"] ?? 1500).uint64Value ?? 0
        guard (1280...9216).contains(mtu) else { throw HostingError(.invalid, "mtu has to be from 1280 to 9216") }
        let record = ObjectRecord(
            kind: .segment, name: name, plugin: call.plugin, workload: call.workload,
            parameters: [
                "namespace": namespace.map(JSONValue.string) ?? .null, "mtu": .number(JSONNumber(mtu)),
            ])
        let network = room.network
        let node = room.configuration.node
        let tag = record.tag(node: node)
        let taps = taps(on: name, in: namespace)
        let created = try await room.create(record, undo: { try Self.removeLink(name, namespace, tag, network) }) {
            let place = try network.place(namespace)
            let known = try network.route(in: place) { route throws(NetlinkError) in try route.link(named: name) }
            if let known, try Self.isOurs(known, tag, name) {
                try Self.connect(taps, to: name, in: place, of: node, network)
                return false
            }
            let options = BridgeOptions(forwardDelay: 0, hasSpanningTree: false, snoopsMulticast: false)
            try network.route(in: place) { route throws(NetlinkError) in
                _ = try route.create(
                    NewLink(
                        name: name, kind: .bridge(options), mtu: UInt32(mtu), alias: tag, generatesLinkLocal: false))
            }
            try network.silenceIPv6(name, in: place)
            try network.route(in: place) { route throws(NetlinkError) in
                if let link = try route.link(named: name) { try route.change(link.index, LinkChange(isUp: true)) }
            }
            try Self.connect(taps, to: name, in: place, of: node, network)
            return true
        }
        return HostAnswer(["created": .bool(created)])
    }

    /// Taps that were made on a segment of this name, whoever they belong to.
    private func taps(on segment: String, in namespace: String?) -> [ObjectRecord] {
        room.ledger.all().filter { record in
            record.kind == .tap && record.parameters["segment"]?.stringValue == segment
                && record.parameters["segmentNamespace"]?.stringValue == namespace
        }
    }

    /// Puts taps that outlived their bridge on the new one: a machine goes on where its network was made anew
    /// (docs/spec/workloads.md section 3.1, step 12).
    private static func connect(
        _ taps: [ObjectRecord], to segment: String, in place: OwnedDescriptor, of node: UInt32, _ network: NodeNetwork
    ) throws(HostingError) {
        guard !taps.isEmpty else { return }
        try network.route(in: place) { route throws(NetlinkError) in
            guard let bridge = try route.link(named: segment) else { return }
            for tap in taps {
                let tag = tap.tag(node: node)
                guard let link = try route.link(named: tap.name), let alias = link.alias,
                    alias.utf8.elementsEqual(tag.utf8), link.master != bridge.index
                else { continue }
                try route.change(link.index, LinkChange(master: .index(bridge.index)))
            }
        }
    }

    /// - Throws: `denied` if a link of that name is there that this node did not make for this owner.
    static func isOurs(_ link: Link, _ tag: String, _ name: String) throws(HostingError) -> Bool {
        guard let alias = link.alias, alias.utf8.elementsEqual(tag.utf8) else {
            throw HostingError(
                .denied, "there is a link \(name) already that this node did not make",
                hint: "remove or rename it")
        }
        return true
    }

    /// Deletes the link if it carries the tag; anything else of that name is not ours and stays.
    static func removeLink(
        _ name: String, _ namespace: String?, _ tag: String, _ network: NodeNetwork
    ) throws(HostingError) {
        let place: OwnedDescriptor
        if let namespace {
            guard let found = try network.open(namespace) else { return }
            place = found
        } else {
            place = network.node
        }
        try network.route(in: place) { route throws(NetlinkError) in
            guard let link = try route.link(named: name), let alias = link.alias,
                alias.utf8.elementsEqual(tag.utf8)
            else { return }
            try route.delete(link.index)
        }
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        if let record = try room.ledger.find(.segment, name, for: call) { try await remove(record) }
        return HostAnswer()
    }

    func attach(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let segment = try room.ledger.require(.segment, try call.name("segment"), for: call)
        let namespace = try call.name("namespace")
        _ = try room.ledger.require(.namespace, namespace, for: call)
        let name = try call.name("name")
        let bridge = VirtualCable.Bridge(name: segment.name, namespace: segment.parameters["namespace"]?.stringValue)
        let created = try await connect(
            call, kind: .attachment, bridge: bridge, far: .namespace(namespace, link: name),
            extra: ["segment": .string(segment.name)])
        return HostAnswer(["created": .bool(created)])
    }

    func detach(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = "\(try call.name("namespace"))|\(try call.name("name"))"
        if let record = try room.ledger.find(.attachment, name, for: call) {
            guard record.parameters["segment"] == call.request["segment"] else {
                throw HostingError(.invalid, "\(name) is attached to another segment")
            }
            try await remove(record)
        }
        return HostAnswer()
    }

    func attachExit(_ call: BrokerCall) async throws -> HostAnswer {
        let exit = try call.text("exit")
        try call.require(exit, in: "exits", of: "exits")
        guard let way = room.configuration.exits[exit] else {
            throw HostingError(
                .unsupported, "this node has no exit \(exit)", hint: "the operator can configure one")
        }
        let name = try call.name("name")
        let far: VirtualCable.End
        if let namespace = try call.optionalName("namespace") {
            _ = try room.ledger.require(.namespace, namespace, for: call)
            far = .namespace(namespace, link: name)
        } else {
            let segment = try room.ledger.require(.segment, try call.name("segment"), for: call)
            far = .port(
                of: VirtualCable.Bridge(
                    name: segment.name, namespace: segment.parameters["namespace"]?.stringValue), link: name)
        }
        let created = try await connect(
            call, kind: .exit, bridge: VirtualCable.Bridge(name: way.bridge, namespace: nil), far: far,
            extra: ["exit": .string(exit)])
        return HostAnswer([
            "created": .bool(created), "addresses": .array(way.addresses.map(JSONValue.string)),
            "gateways": .array(way.gateways.map(JSONValue.string)),
        ])
    }

    private func connect(
        _ call: BrokerCall, kind: ObjectRecord.Kind, bridge: VirtualCable.Bridge, far: VirtualCable.End,
        extra: JSONObject
    ) async throws -> Bool {
        let mac = try call.mac("mac")
        let farName = far.recordName
        let port = "v-" + DeviceName.device(workloadID: "\(room.configuration.node)", text: farName)
        var parameters = extra
        parameters["namespace"] = far.namespace.map(JSONValue.string) ?? .null
        parameters["bridge"] = .string(bridge.name)
        parameters["bridgeNamespace"] = bridge.namespace.map(JSONValue.string) ?? .null
        parameters["port"] = .string(port)
        parameters["mac"] = call.request["mac"] ?? .null
        if case .port(let target, _) = far { parameters["segment"] = .string(target.name) }
        let record = ObjectRecord(
            kind: kind, name: farName, plugin: call.plugin, workload: call.workload, parameters: .object(parameters))
        let cable = VirtualCable(
            network: room.network, bridge: bridge, port: port, far: far, mac: mac,
            tag: record.tag(node: room.configuration.node))
        return try await room.create(record, undo: { try cable.cut() }) { try cable.connect() }
    }

    /// Removes a segment with its ports, an attachment or an exit.
    func remove(_ record: ObjectRecord) async throws {
        let network = room.network
        let tag = record.tag(node: room.configuration.node)
        if record.kind == .segment {
            for dependent in room.ledger.all() where dependent.kind == .attachment || dependent.kind == .exit {
                guard dependent.parameters["segment"]?.stringValue == record.name else { continue }
                try await remove(dependent)
            }
            let namespace = record.parameters["namespace"]?.stringValue
            try await room.delete(record) { try Self.removeLink(record.name, namespace, tag, network) }
        } else {
            let port = record.parameters["port"]?.stringValue ?? ""
            let namespace = record.parameters["bridgeNamespace"]?.stringValue
            try await room.delete(record) { try Self.removeLink(port, namespace, tag, network) }
        }
    }
}
