import Glibc
import JSON
import Testing

@testable import Hosting

@Suite("SocketBroker", .serialized)
struct SocketBrokerTests {
    private static func request(
        _ namespace: String, _ type: String, _ member: String, _ port: Int, family: String = "inet",
        address: String = "127.0.0.1"
    ) -> JSONValue {
        let end: JSONValue = ["address": .string(address), "port": .number(JSONNumber(port))]
        return .object(
            JSONObject(members: [
                JSONMember(key: "namespace", value: .string(namespace)),
                JSONMember(key: "family", value: .string(family)), JSONMember(key: "type", value: .string(type)),
                JSONMember(key: member, value: end),
            ]))
    }

    @Test("sockets live in the plugin's namespace: what listens there is reached there, and not from the node")
    func insideNamespace() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let name = bench.name("n")
            _ = await brokers.ask("first", "namespace.create", ["name": .string(name)], workload: "7-12-x")
            let early = await brokers.ask(
                "first", "socket.open", Self.request(name, "tcp", "connect", 7000), workload: "7-12-x")
            #expect(early.status == .unavailable, "nobody listens: \(early.payload)")
            let listening = await brokers.ask(
                "first", "socket.open", Self.request(name, "tcp", "bind", 7000), workload: "7-12-x")
            #expect(listening.payload == ["address": "127.0.0.1", "port": 7000], "\(listening.payload)")
            let listener = try #require(listening.descriptors.first)
            let connected = await brokers.ask(
                "first", "socket.open", Self.request(name, "tcp", "connect", 7000), workload: "7-12-x")
            let client = try #require(connected.descriptors.first, "\(connected.payload)")
            let server = accept(listener.number, nil, nil)
            #expect(server >= 0)
            #expect(send(client.number, "hi", 2, 0) == 2)
            var buffer = [UInt8](repeating: 0, count: 8)
            var wait = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
            #expect(poll(&wait, 1, 5000) == 1)
            #expect(recv(server, &buffer, 8, 0) == 2)
            close(server)
            let outside = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(outside) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(7000).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(outside, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(result != 0)
            let datagram = await brokers.ask(
                "first", "socket.open", Self.request(name, "udp", "bind", 7009), workload: "7-12-x")
            #expect(datagram.descriptors.count == 1, "\(datagram.payload)")
        }
    }

    @Test("families, types and ports beyond the entitlement, and namespaces of others, are denied")
    func rights() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            let name = bench.name("n")
            _ = await brokers.ask("first", "namespace.create", ["name": .string(name)], workload: "7-12-x")
            let denied: [JSONValue] = [
                Self.request(name, "tcp", "bind", 6999), Self.request(name, "tcp", "bind", 7010),
                Self.request(name, "tcp", "connect", 7001), Self.request(name, "udp", "connect", 53),
                Self.request(name, "tcp", "bind", 7000, family: "inet6", address: "::1"),
            ]
            for request in denied {
                let answer = await brokers.ask("first", "socket.open", request, workload: "7-12-x")
                #expect(answer.status == .denied && answer.descriptors.isEmpty, "\(request.text): \(answer.payload)")
            }
            let invalid: [JSONValue] = [
                Self.request(name, "raw", "bind", 7000), Self.request(name, "tcp", "bind", 0),
                Self.request(name, "tcp", "bind", 70000), Self.request(name, "tcp", "bind", 7000, family: "unix"),
                Self.request(name, "tcp", "bind", 7000, address: "::1"),
                Self.request(name, "tcp", "bind", 7000, address: "example.org"),
                Self.request(name, "tcp", "neither", 7000),
                Self.request(bench.name("none"), "tcp", "bind", 7000),
            ]
            for request in invalid {
                let answer = await brokers.ask("first", "socket.open", request, workload: "7-12-x")
                #expect(answer.status == .invalid && answer.descriptors.isEmpty, "\(request.text): \(answer.payload)")
            }
            for (plugin, workload) in [("second", "8-13-z"), ("second", nil), ("first", "7-12-y")] {
                let answer = await brokers.ask(
                    plugin, "socket.open", Self.request(name, "tcp", "bind", 7000), workload: workload)
                #expect(answer.status == .denied && answer.descriptors.isEmpty, "\(plugin): \(answer.payload)")
            }
        }
    }

    @Test(
        "ranges of ports that are none are refused in the manifest",
        arguments: ["0", "0-9", "9-1", "70000", "1-2-3", "", "-", "x", "1-"])
    func ranges(_ text: String) {
        let parameters: JSONValue = ["families": ["inet"], "types": ["tcp"], "bind": [.string(text)]]
        #expect(throws: HostingError.self) { try SandboxPolicy.make(entitlements: [("sockets", parameters)]) }
    }

    @Test("the filter opens nothing that makes, binds or connects a socket")
    func filter() throws {
        let policy = try SandboxPolicy.make(entitlements: [("sockets", ["families": ["inet"], "types": ["tcp"]])])
        #expect(policy.calls.map(\.name).sorted() == ["accept4", "getpeername", "getsockname", "getsockopt"])
        #expect(policy.capabilities.isEmpty)
    }
}
