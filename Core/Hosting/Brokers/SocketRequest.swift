import Addresses
import Glibc
import JSON

/// What the entitlement `sockets` allows.
struct SocketRules: Sendable {
    let families: [String]
    let types: [String]
    private let bind: [ClosedRange<UInt16>]
    private let connect: [ClosedRange<UInt16>]

    init(_ parameters: JSONValue) throws(HostingError) {
        families = (parameters["families"]?.arrayValue ?? []).compactMap(\.stringValue)
        types = (parameters["types"]?.arrayValue ?? []).compactMap(\.stringValue)
        bind = try Self.ranges(parameters["bind"])
        connect = try Self.ranges(parameters["connect"])
    }

    private static func ranges(_ value: JSONValue?) throws(HostingError) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        for text in (value?.arrayValue ?? []).compactMap(\.stringValue) {
            guard let range = portRange(text) else {
                throw HostingError(
                    .badManifest, "\"\(text)\" is no range of ports", hint: "write \"80\" or \"1024-2047\"")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// `80` or `1024-2047`; port 0 is none.
    static func portRange(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first > 0, first <= last
        else { return nil }
        return first...last
    }

    func mayBind(_ port: UInt16) -> Bool { bind.contains { $0.contains(port) } }
    func mayConnect(_ port: UInt16) -> Bool { connect.contains { $0.contains(port) } }
}

/// A checked request for a socket.
struct SocketRequest: Sendable {
    let domain: Int32
    let kind: Int32
    let isStream: Bool
    let bind: SocketEndpoint?
    let connect: SocketEndpoint?

    /// - Throws: `denied` for what the entitlement does not cover, `invalid` for what makes no socket.
    init(_ call: BrokerCall, _ rules: SocketRules) throws(HostingError) {
        let family = try call.text("family")
        let type = try call.text("type")
        switch family {
        case "inet": domain = AF_INET
        case "inet6": domain = AF_INET6
        default: throw HostingError(.invalid, "family has to be inet or inet6")
        }
        switch type {
        case "tcp": (kind, isStream) = (Int32(SOCK_STREAM.rawValue), true)
        case "udp": (kind, isStream) = (Int32(SOCK_DGRAM.rawValue), false)
        default: throw HostingError(.invalid, "type has to be tcp or udp")
        }
        guard rules.families.contains(family), rules.types.contains(type) else {
            throw HostingError(
                .denied, "entitlement sockets of plugin \(call.plugin) does not cover \(type) on \(family)")
        }
        bind = try SocketEndpoint(call.request["bind"], isSix: domain == AF_INET6, "bind")
        connect = try SocketEndpoint(call.request["connect"], isSix: domain == AF_INET6, "connect")
        guard bind != nil || connect != nil else {
            throw HostingError(.invalid, "a socket is bound or connected: the request lacks both")
        }
        if let port = bind?.port, !rules.mayBind(port) {
            throw HostingError(
                .denied, "entitlement sockets of plugin \(call.plugin) does not cover binding port \(port)")
        }
        if let port = connect?.port, !rules.mayConnect(port) {
            throw HostingError(
                .denied, "entitlement sockets of plugin \(call.plugin) does not cover connecting to port \(port)")
        }
    }
}

/// An address with its port.
struct SocketEndpoint: Sendable, CustomStringConvertible {
    let address: String
    let port: UInt16
    let isSix: Bool
    private let bytes: [UInt8]

    var description: String { isSix ? "[\(address)]:\(port)" : "\(address):\(port)" }

    init(address: String, port: UInt16, isSix: Bool) {
        self.address = address
        self.port = port
        self.isSix = isSix
        bytes = []
    }

    /// Nil if absent.
    init?(_ value: JSONValue?, isSix: Bool, _ member: String) throws(HostingError) {
        guard let value, !value.isNull else { return nil }
        guard let text = value["address"]?.stringValue, let address = try? IPAddress(parsing: text),
            (address.v6 != nil) == isSix, let port = value["port"]?.uint64Value.flatMap(UInt16.init(exactly:)),
            port != 0
        else {
            throw HostingError(.invalid, "\(member) needs an address of the socket's family and a port from 1 to 65535")
        }
        self.address = address.text
        self.port = port
        self.isSix = isSix
        bytes = address.bytes
    }

    /// Calls with the kernel's form of it.
    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        // Both forms begin with the family, which is in the host's order, and the port in the network's.
        var form = [UInt8](
            repeating: 0, count: isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        withUnsafeBytes(of: sa_family_t(isSix ? AF_INET6 : AF_INET)) { form.replaceSubrange(0..<2, with: $0) }
        form[2] = UInt8(port >> 8)
        form[3] = UInt8(port & 0xff)
        let start = isSix ? 8 : 4
        form.replaceSubrange(start..<(start + bytes.count), with: bytes)
        let length = socklen_t(form.count)
        return form.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return body(base.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}
