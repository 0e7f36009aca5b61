import Addresses
import CHost
import Glibc
import JSON

/// TCP and UDP sockets opened inside namespaces of the plugin's own: connected, bound or listening when they are handed
/// over, since the worker's filter lets a plugin do none of that itself.
struct SocketBroker {
    let room: BrokerRoom
    private static let entitlement = "sockets"
    /// How long the other side may take to accept a connection.
    private static let patience: Int32 = 10_000

    func open(_ call: BrokerCall) async throws -> HostAnswer {
        let rules = try SocketRules(try call.parameters(of: Self.entitlement))
        let wanted = try SocketRequest(call, rules)
        let name = try call.name("namespace")
        _ = try room.ledger.require(.namespace, name, for: call)
        let place = try room.network.place(name)
        return try await OwnThread.run {
            let socket = OwnedDescriptor(
                taking: try checked(
                    zos_socket_in(place.number, wanted.domain, wanted.kind, 0), "open a socket in \(name)"))
            try Self.prepare(socket, wanted)
            let local = try Self.localAddress(socket)
            return HostAnswer(
                ["address": .string(local.address), "port": .number(JSONNumber(local.port))], descriptors: [socket])
        }
    }

    private static func prepare(_ socket: OwnedDescriptor, _ wanted: SocketRequest) throws(HostingError) {
        let flags = try checkedErrno(fcntl(socket.number, F_GETFL), "look at the socket")
        try checkedErrno(fcntl(socket.number, F_SETFL, flags | O_NONBLOCK), "prepare the socket")
        if wanted.domain == AF_INET6 { try set(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        // Accepted connections inherit it; a plugin cannot set it.
        if wanted.isStream { try set(socket, Int32(IPPROTO_TCP), TCP_NODELAY) }
        if let local = wanted.bind {
            // A port that an earlier listener of the same owner has left in TIME_WAIT is free.
            if wanted.isStream { try set(socket, SOL_SOCKET, SO_REUSEADDR) }
            try attempt(local.withAddress { Glibc.bind(socket.number, $0, $1) }, "bind \(local)")
        }
        if let remote = wanted.connect {
            let result = remote.withAddress { Glibc.connect(socket.number, $0, $1) }
            if result != 0 && errno == EINPROGRESS {
                try finish(socket, remote)
            } else {
                try attempt(result, "connect to \(remote)")
            }
        } else if wanted.isStream {
            try attempt(listen(socket.number, 128), "listen")
        }
    }

    private static func finish(_ socket: OwnedDescriptor, _ remote: SocketEndpoint) throws(HostingError) {
        var wait = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, patience) > 0 else {
            throw HostingError(.unavailable, "\(remote) does not answer", isRetryable: true)
        }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try checkedErrno(getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &error, &length), "connect to \(remote)")
        errno = error
        try attempt(error == 0 ? 0 : -1, "connect to \(remote)")
    }

    /// Refusals of the network are nobody's fault and may pass.
    private static func attempt(_ result: Int32, _ what: String) throws(HostingError) {
        guard result != 0 else { return }
        let passing = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EADDRINUSE]
        throw HostingError(
            passing.contains(errno) ? .unavailable : .invalid, "cannot \(what): \(systemText(errno))",
            isRetryable: passing.contains(errno))
    }

    private static func set(_ socket: OwnedDescriptor, _ level: Int32, _ option: Int32) throws(HostingError) {
        var isOn: Int32 = 1
        try checkedErrno(
            setsockopt(socket.number, level, option, &isOn, socklen_t(MemoryLayout<Int32>.size)), "prepare the socket")
    }

    private static func localAddress(_ socket: OwnedDescriptor) throws(HostingError) -> SocketEndpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.number, $0, &length) }
        }
        try checkedErrno(result, "ask for the socket's address")
        let bytes = withUnsafeBytes(of: &storage) { Array($0) }
        let isSix = Int32(storage.ss_family) == AF_INET6
        let address = isSix ? bytes[8..<24] : bytes[4..<8]
        return SocketEndpoint(
            address: IPAddress(bytes: address)?.text ?? "", port: UInt16(bytes[2]) << 8 | UInt16(bytes[3]), isSix: isSix
        )
    }
}
