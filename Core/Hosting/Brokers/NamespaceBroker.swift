import CHost
import Glibc
import JSON
import Netlink

/// Network namespaces for a plugin, owned by its user namespace.
struct NamespaceBroker {
    let room: BrokerRoom
    private static let entitlement = "network-namespaces"

    func create(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        let network = room.network
        let owner = call.rights.userNamespace
        let record = ObjectRecord(
            kind: .namespace, name: name, plugin: call.plugin, workload: call.workload, parameters: [:])
        let created = try await room.create(record, undo: { try Self.remove(name, network) }) {
            if let existing = try network.open(name) {
                // Of a user namespace that is gone (another start of the node), the plugin could not use it.
                if try Self.isOwned(existing, by: owner) { return false }
            }
            try checked(zos_netns_delete(network.path(name)), "clear \(network.path(name))")
            let made = OwnedDescriptor(
                taking: try checked(zos_netns_new(owner?.number ?? -1), "make the namespace \(name)"))
            guard zos_inode(made.number) != zos_inode(network.node.number) else {
                throw HostingError(.operationFailed, "the namespace \(name) did not come into being")
            }
            try checked(zos_netns_pin(made.number, network.path(name)), "mount the namespace \(name)")
            return true
        }
        if created {
            let (room, plugin) = (room, call.plugin)
            try await OwnThread.run { ListenerBroker.resume(in: name, ownedBy: plugin, room) }
        }
        return HostAnswer(["created": .bool(created)])
    }

    private static func isOwned(_ namespace: OwnedDescriptor, by owner: OwnedDescriptor?) throws(HostingError) -> Bool {
        guard let owner else { return true }
        let ownerRequest: UInt = 0xb701  // NS_GET_USERNS
        let found = OwnedDescriptor(
            taking: try checkedErrno(ioctl(namespace.number, ownerRequest), "ask for the namespace's owner"))
        return zos_inode(found.number) == zos_inode(owner.number)
    }

    func delete(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let name = try call.name("name")
        if let record = try room.ledger.find(.namespace, name, for: call) { try await remove(record) }
        return HostAnswer()
    }

    func remove(_ record: ObjectRecord) async throws {
        // Ends in other namespaces would outlive it for a moment, and their records for good.
        for dependent in room.ledger.all() where dependent.parameters["namespace"]?.stringValue == record.name {
            switch dependent.kind {
            case .attachment, .exit: try await SegmentBroker(room: room).remove(dependent)
            case .link: try await LinkBroker(room: room).remove(dependent)
            default: continue
            }
        }
        let room = room
        try await room.delete(record) {
            ListenerBroker.suspend(in: record.name, room)
            try Self.remove(record.name, room.network)
        }
    }

    private static func remove(_ name: String, _ network: NodeNetwork) throws(HostingError) {
        try checked(zos_netns_delete(network.path(name)), "remove the namespace \(name)")
    }

    func list(_ call: BrokerCall) throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let names = room.ledger.all().filter { $0.kind == .namespace && $0.plugin == call.plugin }.map(\.name)
        return HostAnswer(["names": .array(names.sorted().map(JSONValue.string))])
    }

    func openNetlink(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let family: NetlinkProtocol
        switch try call.text("protocol") {
        case "route": family = .route
        case "netfilter": family = .netfilter
        case "generic": family = .generic
        default: throw HostingError(.invalid, "protocol has to be route, netfilter or generic")
        }
        let place = try place(call)
        let socket = try await OwnThread.run {
            OwnedDescriptor(
                taking: try checked(
                    zos_socket_in(place.number, 16, Int32(SOCK_RAW.rawValue), family.rawValue),
                    "open a netlink socket"))
        }
        return HostAnswer([:], descriptors: [socket])
    }

    /// The plugin's own namespace that the call names.
    private func place(_ call: BrokerCall) throws -> OwnedDescriptor {
        let name = try call.name("namespace")
        _ = try room.ledger.require(.namespace, name, for: call)
        return try room.network.place(name)
    }

    func setKernelValue(_ call: BrokerCall) async throws -> HostAnswer {
        try call.parameters(of: Self.entitlement)
        let key = try call.text("key").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let value = try call.text("value")
        let isPlain = key.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy(CompanionText.isNameByte) }
        guard key.count > 1, key.first == "net", isPlain else {
            throw HostingError(.invalid, "key has to be like net.ipv4.ip_forward")
        }
        guard (1...64).contains(value.utf8.count) else { throw HostingError(.invalid, "value has 1 to 64 bytes") }
        let place = try place(call)
        let network = room.network
        try await OwnThread.run { try network.set(key, value, in: place) }
        return HostAnswer()
    }
}
