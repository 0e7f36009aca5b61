import CHost
import Glibc
import JSON
import Netlink

/// Links whose other half stays with the node: made in its namespace, then moved to where they are used.
struct LinkBroker {
    let room: BrokerRoom
    private static let entitlement = "links"
    private static let tun: Int32 = 0x0001  // IFF_TUN, with packet information

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        let kind = try call.text("kind")
        try call.require(kind, in: "kinds", of: Self.entitlement)
        guard CompanionText.isName(kind), kind != "tun" else {
            throw HostingError(.invalid, "kind has to be a kind of link; a tun is made by link.tun")
        }
        let name = try call.name("name")
        let namespace = try call.name("namespace")
        _ = try room.ledger.require(.namespace, namespace, for: call)
        let record = ObjectRecord(
            kind: .link, name: name, plugin: call.plugin, workload: call.workload,
            parameters: ["kind": .string(kind), "namespace": .string(namespace)])
        let network = room.network
        let tag = record.tag(node: room.configuration.node)
        let undo: @Sendable () throws -> Void = {
            try SegmentBroker.removeLink(name, nil, tag, network)
            try SegmentBroker.removeLink(name, namespace, tag, network)
        }
        let created = try await room.create(record, undo: undo) {
            let place = try network.place(namespace)
            let known = try network.route(in: place) { route throws(NetlinkError) in try route.link(named: name) }
            if let known, try SegmentBroker.isOurs(known, tag, name) { return false }
            try SegmentBroker.removeLink(name, nil, tag, network)  // half-way from an earlier attempt
            try network.route(in: network.node) { route throws(NetlinkError) in
                guard let made = try route.create(NewLink(name: name, kind: .named(kind), alias: tag)) else { return }
                try route.change(made.index, LinkChange(namespace: place.number))
            }
            return true
        }
        return HostAnswer(["created": .bool(created)])
    }

    func openTun(_ call: BrokerCall) async throws -> HostAnswer {
        try call.require("tun", in: "kinds", of: Self.entitlement)
        let name = try call.name("name")
        let network = room.network
        let node = room.configuration.node
        if let old = try room.ledger.find(.link, name, for: call) {
            guard old.parameters["kind"] == "tun" else {
                throw HostingError(.invalid, "link \(name) exists with other parameters", hint: "delete it first")
            }
            // Whoever held its descriptor is gone or about to be replaced; a new one cannot join it.
            try await remove(old)
        }
        let record = ObjectRecord(
            kind: .link, name: name, plugin: call.plugin, workload: call.workload,
            parameters: ["kind": "tun", "namespace": .null])
        let tag = record.tag(node: node)
        let descriptor = try await room.gate.holding(record.key) {
            try room.ledger.claim(record)
            do {
                return try await OwnThread.run {
                    let known = try network.route(in: network.node) { route throws(NetlinkError) in
                        try route.link(named: name)
                    }
                    if let known { _ = try SegmentBroker.isOurs(known, tag, name) }
                    let made = OwnedDescriptor(
                        taking: try checked(
                            zos_tun_open(network.node.number, name, Self.tun), "make the tun \(name)"))
                    try network.route(in: network.node) { route throws(NetlinkError) in
                        guard let link = try route.link(named: name) else { throw NetlinkError(ENODEV, "find \(name)") }
                        try route.change(link.index, LinkChange(alias: tag))
                    }
                    return made
                }
            } catch {
                try room.ledger.remove(record)  // the device went with its descriptor
                throw error
            }
        }
        return HostAnswer([:], descriptors: [descriptor])
    }

    func move(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        let namespace = try call.name("namespace")
        let rename = try call.optionalName("rename")
        let record = try room.ledger.require(.link, name, for: call)
        _ = try room.ledger.require(.namespace, namespace, for: call)
        let network = room.network
        let tag = record.tag(node: room.configuration.node)
        var moved = record
        moved.parameters = [
            "kind": record.parameters["kind"] ?? .null, "namespace": .string(namespace),
            "as": .string(rename ?? name),
        ]
        let result = moved
        try await room.gate.holding(record.key) {
            try await OwnThread.run {
                let place = try network.place(namespace)
                let there = try network.route(in: place) { route throws(NetlinkError) in
                    try route.link(named: rename ?? name)
                }
                if let there, try SegmentBroker.isOurs(there, tag, rename ?? name) { return }
                try network.route(in: network.node) { route throws(NetlinkError) in
                    guard let link = try route.link(named: name), let alias = link.alias,
                        alias.utf8.elementsEqual(tag.utf8)
                    else { throw NetlinkError(ENODEV, "find the link \(name) that this plugin made") }
                    try route.change(link.index, LinkChange(name: rename, namespace: place.number))
                }
            }
            try room.ledger.replace(result)
        }
        return HostAnswer()
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        let namespace = try call.optionalName("namespace")
        // By its name now or by the one it was made with.
        let found = room.ledger.all().first { record in
            record.kind == .link && record.plugin == call.plugin
                && record.parameters["namespace"]?.stringValue == namespace
                && (record.parameters["as"]?.stringValue ?? record.name) == name
        }
        let known = try found.map { record throws(HostingError) in
            try room.ledger.find(.link, record.name, for: call)
        }
        if let record = try known ?? room.ledger.find(.link, name, for: call) { try await remove(record) }
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        let network = room.network
        let tag = record.tag(node: room.configuration.node)
        let namespace = record.parameters["namespace"]?.stringValue
        let name = record.parameters["as"]?.stringValue ?? record.name
        try await room.delete(record) {
            try SegmentBroker.removeLink(record.name, nil, tag, network)
            if let namespace { try SegmentBroker.removeLink(name, namespace, tag, network) }
        }
    }
}
