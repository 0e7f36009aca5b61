import CHost
import Glibc
import JSON
import Testing

@testable import Hosting

/// A TCP connection from inside a namespace, blocking, with a deadline on everything.
final class Caller: Sendable {
    let socket: OwnedDescriptor

    init(_ port: UInt16, in namespace: OwnedDescriptor) throws {
        socket = OwnedDescriptor(
            taking: try checked(
                zos_socket_in(namespace.number, AF_INET, Int32(SOCK_STREAM.rawValue), 0), "open a socket"))
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket.number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket.number, $0, length) }
        }
        try checkedErrno(result, "connect to \(port)")
    }

    func say(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            sent += Int(try checkedErrno(Int32(clamping: count), "send"))
        }
    }

    func say(_ text: String) throws { try say(Array(text.utf8)) }
    func end() { shutdown(socket.number, Int32(SHUT_WR)) }

    /// At most `count` bytes, fewer only at the end.
    func hear(_ count: Int) throws -> [UInt8] {
        var heard: [UInt8] = []
        while heard.count < count {
            var buffer = [UInt8](repeating: 0, count: min(65536, count - heard.count))
            let got = recv(socket.number, &buffer, buffer.count, 0)
            if got < 0 && errno == ECONNRESET { break }
            if try checkedErrno(Int32(clamping: got), "receive") == 0 { break }
            heard += buffer.prefix(got)
        }
        return heard
    }

    func text(_ count: Int) throws -> String { String(decoding: try hear(count), as: UTF8.self) }
}

@Suite("Listener broker", .serialized)
struct ListenerTests {
    /// A namespace with a server of workload 7-12-x behind port 20001 of 127.0.0.1.
    private func withListener(
        _ extra: JSONObject = [:],
        _ body: (BrokerBench, Brokers, CompanionRunner, JSONObject, OwnedDescriptor) async throws -> Void
    ) async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let name = bench.name("n")
            let made = await brokers.ask("first", "namespace.create", ["name": .string(name)], workload: "7-12-x")
            #expect(made.status == .ok, "\(made.payload)")
            var request: JSONObject = [
                "namespace": .string(name), "address": "127.0.0.1", "port": 20001, "instance": "s", "socket": "door",
            ]
            for member in extra.members { request[member.key] = member.value }
            let opened = await brokers.ask("first", "listener.open", .object(request), workload: "7-12-x")
            #expect(opened.payload["created"] == true, "\(opened.payload)")
            let again = await brokers.ask("first", "listener.open", .object(request), workload: "7-12-x")
            #expect(again.payload["created"] == false, "\(again.payload)")
            try await startServer(brokers)
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            try await body(bench, brokers, runner, request, try network.place(name))
        }
    }

    private func startServer(_ brokers: Brokers) async throws {
        let started = await brokers.ask(
            "first", "companion.start", ["companion": "server", "instance": "s", "slots": ["socket": "door"]],
            workload: "7-12-x")
        #expect(started.status == .ok, "\(started.payload)")
        let reached = await brokers.ask(
            "first", "companion.connect", ["instance": "s", "socket": "door"], workload: "7-12-x")
        #expect(reached.status == .ok, "\(reached.payload)")
    }

    /// What a caller gets that is let in: `HELLO`; nothing if it is turned away.
    private func answer(_ place: OwnedDescriptor, _ port: UInt16 = 20001) async throws -> String {
        try await OwnThread.run {
            let caller = try Caller(port, in: place)
            // Turned away, it may find the connection gone already.
            try? caller.say("hello")
            return try caller.text(5)
        }
    }

    @Test(
        "a caller inside the namespace reaches the companion's socket; bytes and ends pass both ways, nothing is lost")
    func splices() async throws {
        try await withListener { _, _, _, _, place in
            try await OwnThread.run {
                let caller = try Caller(20001, in: place)
                try caller.say("hello")
                #expect(try caller.text(5) == "HELLO")
                caller.end()
                #expect(try caller.text(100) == "bye", "what comes after the caller's end still reaches it")
            }
            let bytes = [UInt8]((0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 % 26 + 97) })
            let heard = try await OwnThread.run {
                let caller = try Caller(20001, in: place)
                let listening = OwnedDescriptor(taking: zos_duplicate(caller.socket.number, 3))
                try LongThread.start("test-say") {
                    let talker = listening.number
                    var sent = 0
                    while sent < bytes.count {
                        let count = bytes[sent...].withUnsafeBytes {
                            send(talker, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                        }
                        guard count > 0 else { return }
                        sent += count
                    }
                    shutdown(talker, Int32(SHUT_WR))
                }
                return try caller.hear(bytes.count + 100)
            }
            #expect(heard.count == bytes.count + 3)
            #expect(heard.prefix(bytes.count).elementsEqual(bytes.map { $0 - 32 }))
        }
    }

    @Test("callers of a shared socket all see what the companion writes, and each may write")
    func shares() async throws {
        try await withListener(["sharing": "shared"]) { _, _, _, _, place in
            try await OwnThread.run {
                let first = try Caller(20001, in: place)
                try first.say("one ")
                #expect(try first.text(4) == "ONE ")
                let second = try Caller(20001, in: place)
                try second.say("two ")
                #expect(try second.text(4) == "TWO ")
                #expect(try first.text(4) == "TWO ")
                first.end()
                try second.say("three")
                #expect(try first.text(5) == "THREE", "who says no more still hears")
                #expect(try second.text(5) == "THREE")
            }
        }
    }

    @Test("more callers than allowed at a time are turned away, and the others are not disturbed")
    func bounds() async throws {
        try await withListener(["callers": 2]) { _, _, _, _, place in
            try await OwnThread.run {
                let first = try Caller(20001, in: place), second = try Caller(20001, in: place)
                try first.say("a")
                try second.say("b")
                #expect(try first.text(1) == "A")
                #expect(try second.text(1) == "B")
                for _ in 0..<20 { #expect(try Caller(20001, in: place).text(1) == "") }
                try first.say("c")
                #expect(try first.text(1) == "C")
            }
        }
    }

    @Test("a listener is open again after the core was replaced, and leads to the companion that went on")
    func survivesTheCore() async throws {
        try await withListener { bench, brokers, runner, request, place in
            #expect(try await answer(place) == "HELLO")
            brokers.room.listeners.closeAll()  // as the end of the process does
            let next = try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            next.register(PluginRights(plugin: "first", entitlements: BrokerBench.everything))
            #expect(try await answer(place) == "HELLO")
            let again = await next.ask("first", "listener.open", .object(request), workload: "7-12-x")
            #expect(again.payload["created"] == false)
        }
    }

    @Test("a companion that is not there yet, or is started anew, is found by the next caller")
    func followsRestarts() async throws {
        try await withListener { _, brokers, _, _, place in
            _ = await brokers.ask("first", "companion.delete", ["instance": "s"], workload: "7-12-x")
            #expect(try await answer(place) == "")
            try await startServer(brokers)
            #expect(try await answer(place) == "HELLO")
        }
    }

    @Test("a namespace that goes takes its listener along, and gets it back when its plugin makes it again")
    func followsTheNamespace() async throws {
        try await withListener { bench, brokers, _, request, place in
            let name = request["namespace"] ?? .null
            let caller = try await OwnThread.run { try Caller(20001, in: place) }
            _ = await brokers.ask("first", "namespace.delete", ["name": name], workload: "7-12-x")
            let heard = try await OwnThread.run { try caller.text(1) }
            #expect(heard == "", "whoever was connected is not any more")
            _ = await brokers.ask("first", "namespace.create", ["name": name], workload: "7-12-x")
            let network = try NodeNetwork(namespaces: bench.configuration.namespaces)
            #expect(try await answer(try network.place(name.stringValue)) == "HELLO")
            let closed = await brokers.ask(
                "first", "listener.close", ["instance": "s", "socket": "door"], workload: "7-12-x")
            #expect(closed.status == .ok)
            #expect(brokers.room.ledger.all().allSatisfy { $0.kind != .listener })
            let place = try network.place(name.stringValue)
            await #expect(throws: (any Error).self, "nobody listens") { _ = try await answer(place) }
        }
    }

    @Test(
        "a listener opens only where the plugin may: its namespaces, exported addresses, its ports, its own instances")
    func staysInItsRights() async throws {
        try await withListener { bench, brokers, _, request, place in
            func attempt(
                _ change: JSONObject, plugin: String = "first", workload: String? = "7-12-x", _ status: PluginStatus
            ) async {
                var request = request
                request["port"] = 20002
                for member in change.members { request[member.key] = member.value == .null ? nil : member.value }
                let answer = await brokers.ask(plugin, "listener.open", .object(request), workload: workload)
                #expect(answer.status == status, "\(change): \(answer.payload)")
            }
            await attempt(["namespace": .null], .invalid)  // never the node's own
            await attempt(["namespace": "nosuch"], .invalid)
            await attempt([:], plugin: "second", workload: "8-13-z", .denied)
            await attempt([:], plugin: "third", workload: nil, .denied)
            await attempt([:], workload: nil, .invalid)
            await attempt([:], workload: "7-12-y", .denied)  // the namespace is another workload's
            for port: JSONValue in [0, 22, 19_999, 20_256, 65_536, "20001", -1, .null] {
                let answer = await brokers.ask(
                    "first", "listener.open", .object(request.replacing("port", port)), workload: "7-12-x")
                #expect(answer.status == .invalid || answer.status == .denied, "port \(port)")
            }
            for address in ["", "localhost", "fe80::1%lo", "127.1", "::1\0", "0x7f000001", "a.b.c.d", "1.2.3.4.5"] {
                await attempt(["address": .string(address)], .invalid)
            }
            for name in ["../shim/control", "", ".", "..", "a/b", "a\0b", "-x", String(repeating: "a", count: 65)] {
                await attempt(["socket": .string(name)], .invalid)
                await attempt(["instance": .string(name)], .invalid)
            }
            await attempt(["sharing": "some"], .invalid)
            await attempt(["idle": 9], .invalid)
            await attempt(["callers": 65], .invalid)
            #expect(brokers.room.ledger.all().filter { $0.kind == .listener }.count == 1, "no attempt left a record")
            // By reference: only what its own plugin's namespace backs, and only if the reference grants it.
            let foreign = bench.name("f")
            _ = await brokers.ask("second", "namespace.create", ["name": .string(foreign)], workload: "8-13-z")
            func refer(_ kind: String, _ namespace: String) {
                let export = Export(kind: kind, value: ["namespace": .string(namespace), "address": "127.0.0.1"])
                let reference = SubjectReference(
                    pointer: "/network", name: "x", workload: "7-12-x", type: "thing", state: "ok", data: [:],
                    result: .null, exports: [export])
                bench.registry.record(bench.subject("7-12-y", references: [reference]), of: "first")
            }
            let byReference: JSONObject = ["namespace": .null, "address": .null, "reference": "7-12-x"]
            await attempt(byReference, workload: "7-12-y", .denied)
            refer("segment", request["namespace"]?.stringValue ?? "")
            await attempt(byReference, workload: "7-12-y", .denied)
            refer("address", foreign)
            await attempt(byReference, workload: "7-12-y", .denied)
            refer("address", request["namespace"]?.stringValue ?? "")
            await attempt(byReference, workload: "7-12-y", .ok)
            // It may name any instance, but callers are led to its own workload's only.
            let foreigner = try await answer(place, 20002)
            #expect(foreigner == "")
            #expect(try await answer(place) == "HELLO")
            _ = await brokers.sweep(known: ["7-12-x"])
            await #expect(throws: (any Error).self, "what belonged to a workload that is gone is gone") {
                _ = try await answer(place, 20002)
            }
            #expect(try await answer(place) == "HELLO")
        }
    }
}

extension JSONObject {
    fileprivate func replacing(_ key: String, _ value: JSONValue) -> JSONObject {
        var changed = self
        changed[key] = value
        return changed
    }
}
