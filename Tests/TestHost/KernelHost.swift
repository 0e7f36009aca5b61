import CHost
import Glibc
import JSON
import Netlink
import PluginSDK
import PluginTesting
import Synchronization

/// A node for tests whose namespaces, bridges and links are real: made inside a network namespace that plays the host.
///
/// Needs root. Everything goes with the object, companions included. What is not about networks is answered by the
/// fake host. Unlike the real node it checks no rights.
public final class KernelHost: Host {
    struct Companion {
        let process: pid_t
        let folder: String
    }

    struct State {
        var namespaces: [String: Int32] = [:]
        /// Bridges by name: in which namespace; empty is the host.
        var segments: [String: String] = [:]
        var companions: [String: Companion] = [:]
        /// What the operator has configured: for exit and gateway addresses.
        var exits: [String: HostReply] = [:]
        var failing: Set<String> = []
    }

    /// Plays the namespace in which the node was started.
    public let node: Int32
    /// Plays what lies beyond the exits; their far ends are called as the exits are.
    public let outside: Int32
    public let fake = FakeHost()
    let state = Mutex(State())
    /// Looking for an object and making it is one step, as with the brokers of the node.
    private let objects = Mutex(())

    public init() throws {
        node = zos_netns_new(-1)
        outside = zos_netns_new(-1)
        guard node >= 0, outside >= 0 else { throw PluginError.failed("a network namespace needs root") }
    }

    deinit {
        let state = state.withLock { $0 }
        for companion in state.companions.values { Self.end(companion) }
        for namespace in state.namespaces.values { close(namespace) }
        close(outside)
        close(node)
    }

    /// Configures an exit, with the answer that it gives.
    public func configure(exit: String, addresses: [String] = [], gateways: [String] = []) {
        let reply = HostReply([
            "created": true, "addresses": .array(addresses.map(JSONValue.string)),
            "gateways": .array(gateways.map(JSONValue.string)),
        ])
        state.withLock { $0.exits[exit] = reply }
    }

    /// Lets a service fail from now on.
    public func fail(_ service: String) { state.withLock { _ = $0.failing.insert(service) } }

    /// The descriptor of a namespace that was made; nil if there is none.
    public func namespace(_ name: String) -> Int32? { state.withLock { $0.namespaces[name] } }

    /// A netlink socket inside a namespace, closed with the object that holds it.
    public func netlink(_ protocol: Netlink.NetlinkProtocol, in namespace: Int32) throws -> Descriptor {
        let socket = zos_socket_in(namespace, 16, Int32(SOCK_RAW.rawValue), `protocol`.rawValue)
        guard socket >= 0 else { throw PluginError.failed("netlink socket: \(socket)") }
        return Descriptor(taking: socket)
    }

    /// Works on the links of a namespace.
    public func withRoutes<Value>(in namespace: Int32, _ body: (RouteNetlink) throws -> Value) throws -> Value {
        let socket = try netlink(.route, in: namespace)
        return try withExtendedLifetime(socket) { try body(RouteNetlink(descriptor: socket.number)) }
    }

    public func log(_ level: LogLevel, _ message: String) { fake.log(level, message) }

    public func call(_ service: String, workload: String?, request: JSONValue, descriptors: [Descriptor]) async throws
        -> HostReply
    {
        if state.withLock({ $0.failing.contains(service) }) { throw PluginError.failed("refused by the test") }
        switch service.split(separator: ".").first {
        case "namespace", "netlink", "sysctl": return try objects.withLock { _ in try serveNamespace(service, request) }
        case "segment", "exit": return try objects.withLock { _ in try serveSegment(service, request) }
        case "link": return try objects.withLock { _ in try serveLink(service, request) }
        case "companion": return try await serveCompanion(service, request, descriptors)
        default:
            return try await fake.call(service, workload: workload, request: request, descriptors: descriptors)
        }
    }

    func required(_ namespace: String?) throws -> Int32 {
        guard let namespace else { return node }
        guard let descriptor = self.namespace(namespace) else {
            throw PluginError.invalid("there is no namespace \(namespace)")
        }
        return descriptor
    }
}
