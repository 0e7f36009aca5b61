import Addresses
import CHost
import Glibc
import JSON

/// Ports, addresses and other values that two workloads must not share.
struct ReservationBroker {
    let room: BrokerRoom
    private static let entitlement = "reservations"
    /// Values that a range may span: a /16 of addresses or all ports.
    private static let rangeLimit: UInt64 = 65536

    func reserve(_ call: BrokerCall) async throws -> HostAnswer {
        let space = try space(call)
        let values = try values(call)
        let owner = try owner(call)
        let reserved = Set(room.configuration.reserved[space] ?? [])
        let check = try call.parameters(of: Self.entitlement)["check"]?[space]?.stringValue
        guard check == nil || check == "udp" else {
            throw HostingError(.unsupported, "the only check of a reservation is udp")
        }
        let room = room
        let taken = try await OwnThread.run {
            try room.reservations.take(values, in: space, for: owner) { value in
                !reserved.contains(value) && (check == nil || Self.canBind(value, room.network.node))
            }
        }
        guard let taken else {
            let what = values.count == 1 ? "\(space) \(values.first ?? "") is" : "all values of \(space) are"
            throw HostingError(.invalid, "\(what) in use")
        }
        return HostAnswer(["value": .string(taken.value), "created": .bool(taken.created)])
    }

    func release(_ call: BrokerCall) async throws -> HostAnswer {
        let space = try space(call)
        let owner = try owner(call)
        let value = try call.optionalText("value").map(Self.canonical)
        let room = room
        _ = try await OwnThread.run {
            try room.reservations.release(in: space) { entry in
                entry.plugin == owner.plugin && entry.owner == owner.owner && entry.isScope == owner.isScope
                    && (value == nil || entry.value == value)
            }
        }
        return HostAnswer()
    }

    func list(_ call: BrokerCall) throws -> HostAnswer {
        let space = try space(call)
        let entries = room.reservations.entries(in: space).map { entry -> JSONValue in
            // Foreign plugins' workloads are nobody's business: only that the value is taken.
            ["value": .string(entry.value), "owner": .string(entry.plugin == call.plugin ? entry.owner : "")]
        }
        let kept = (room.configuration.reserved[space] ?? []).map { value -> JSONValue in
            ["value": .string(value), "owner": ""]
        }
        return HostAnswer(["values": .array(entries + kept)])
    }

    private func space(_ call: BrokerCall) throws(HostingError) -> String {
        let space = try call.text("space")
        try call.require(space, in: "spaces", of: Self.entitlement)
        guard CompanionText.isName(space) else { throw HostingError(.invalid, "space is no name") }
        return space
    }

    private func owner(_ call: BrokerCall) throws(HostingError) -> ReservationStore.Entry {
        if let scope = try call.optionalText("scope") {
            guard (1...128).contains(scope.utf8.count) else {
                throw HostingError(.invalid, "scope has 1 to 128 bytes")
            }
            return .init(value: "", plugin: call.plugin, owner: scope, isScope: true)
        }
        guard let workload = call.workload else {
            throw HostingError(.invalid, "a reservation needs a workload or a scope")
        }
        return .init(value: "", plugin: call.plugin, owner: workload, isScope: false)
    }

    private func values(_ call: BrokerCall) throws(HostingError) -> [String] {
        if let value = try call.optionalText("value").map(Self.canonical) {
            guard CompanionText.isName(value) || (try? IPAddress(parsing: value)) != nil else {
                throw HostingError(.invalid, "value is no plain text")
            }
            return [value]
        }
        let first = try call.text("from")
        let last = try call.text("to")
        let isNumeric = !first.contains(".")
        guard let from = isNumeric ? UInt64(first) : Self.address(first),
            let to = isNumeric ? UInt64(last) : Self.address(last), from <= to, to - from < Self.rangeLimit
        else {
            throw HostingError(.invalid, "from and to have to be numbers or IPv4 addresses, at most 65536 apart")
        }
        return (from...to).map { isNumeric ? String($0) : Self.text($0) }
    }

    /// An address has many spellings and one canonical one: two of them must not be two values.
    private static func canonical(_ text: String) -> String { (try? IPAddress(parsing: text))?.text ?? text }

    private static func address(_ text: String) -> UInt64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { return nil }
        return parts.compactMap { $0 }.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func text(_ address: UInt64) -> String {
        [24, 16, 8, 0].map { String(address >> $0 & 0xff) }.joined(separator: ".")
    }

    /// Whether nobody else has bound the UDP port on the node.
    private static func canBind(_ value: String, _ node: OwnedDescriptor) -> Bool {
        guard let port = UInt16(value), port != 0 else { return false }
        let socket = zos_socket_in(node.number, AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var isOff: Int32 = 0  // both families at once
        setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isOff, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }
}
