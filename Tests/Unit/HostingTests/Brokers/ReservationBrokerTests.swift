import CHost
import Glibc
import JSON
import Netlink
import Testing

@testable import Hosting

@Suite("Reservation broker", .serialized)
struct ReservationBrokerTests {
    @Test("a reserved value has one owner, survives a restart, and busy ports are not given")
    func reservations() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, runner in
            let range: JSONValue = ["space": "address", "from": "100.127.0.2", "to": "100.127.0.3"]
            let first = await brokers.ask("first", "reserve", range, workload: "7-12-x")
            #expect(first.payload["value"] == "100.127.0.2", "\(first.payload)")
            #expect(await brokers.ask("first", "reserve", range, workload: "7-12-x").payload["created"] == false)
            #expect(await brokers.ask("second", "reserve", range, workload: "8-13-z").payload["value"] == "100.127.0.3")
            let again = try Brokers(bench.configuration, registry: bench.registry, companions: runner)
            again.register(PluginRights(plugin: "first", entitlements: BrokerBench.everything))
            #expect(await again.ask("first", "reserve", range, workload: "7-12-y").status == .invalid)
            let port: JSONValue = ["space": "udp-port", "value": "443"]
            #expect(await brokers.ask("first", "reserve", port, workload: "7-12-x").status == .invalid)
            let (socket, number) = try Self.boundPort()
            let bound: JSONValue = ["space": "udp-port", "value": .string(number)]
            let refused = await brokers.ask("first", "reserve", bound, workload: "7-12-x")
            #expect(refused.status == .invalid)
            #expect(refused.payload.text.contains("udp-port \(number) is in use"), "\(refused.payload)")
            close(socket)
            #expect(await brokers.ask("first", "reserve", bound, workload: "7-12-x").status == .ok)
            #expect(
                await brokers.ask("first", "reserve", ["space": "other", "value": "1"], workload: "7-12-x").status
                    == .denied)
            #expect(await brokers.ask("second", "release", ["space": "address"], workload: "8-13-z").status == .ok)
            #expect(await brokers.ask("first", "reserve", range, workload: "7-12-y").payload["value"] == "100.127.0.3")
        }
    }

    @Test("the objects and the reserved values of a plugin are bounded, and those of others are not touched by it")
    func bounds() throws {
        let folder = "/tmp/zos-bounds-\(getpid())"
        defer { try? SmallFile.removeTree(folder) }
        let ledger = try ObjectLedger(folder: folder + "/run", durable: folder + "/state", limit: 8)
        func record(_ index: Int, _ plugin: String) -> ObjectRecord {
            ObjectRecord(kind: .link, name: "l\(index)", plugin: plugin, workload: nil, parameters: [:])
        }
        for index in 0..<8 { try ledger.claim(record(index, "first")) }
        let full = #expect(throws: HostingError.self) { try ledger.claim(record(8, "first")) }
        #expect(full?.code == .unavailable)
        #expect(try ledger.claim(record(0, "first")) == false, "what is there can be asked for again")
        #expect(try ledger.claim(record(8, "second")))
        let store = try ReservationStore(folder: folder + "/values", limit: 8)
        func owner(_ index: Int, _ plugin: String) -> ReservationStore.Entry {
            .init(value: "", plugin: plugin, owner: "s\(index)", isScope: true)
        }
        for index in 0..<8 {
            _ = try store.take([String(index)], in: "x", for: owner(index, "first")) { _ in true }
        }
        #expect(throws: HostingError.self) { try store.take(["9999"], in: "x", for: owner(0, "first")) { _ in true } }
        #expect(try store.take(["9999"], in: "x", for: owner(0, "second")) { _ in true }?.created == true)
    }

    @Test("two spellings of an address are one value")
    func spellings() async throws {
        let bench = try BrokerBench()
        try await bench.withBrokers { brokers, _ in
            func reserve(_ value: String, _ workload: String) async -> HostAnswer {
                await brokers.ask(
                    "first", "reserve", ["space": "address", "value": .string(value)], workload: workload)
            }
            #expect(await reserve("fd00:0:0::1", "7-12-x").payload["value"] == "fd00::1")
            #expect(await reserve("FD00::0:1", "7-12-y").status == .invalid)
            #expect(await reserve("::ffff:10.0.0.1", "7-12-x").payload["value"] == "10.0.0.1")
            #expect(await reserve("10.0.0.1", "7-12-y").status == .invalid)
            #expect(await reserve("a b", "7-12-x").status == .invalid)
            _ = await brokers.ask(
                "first", "release", ["space": "address", "value": "fd00::0:1"], workload: "7-12-x")
            #expect(await reserve("fd00::1", "7-12-y").status == .ok)
        }
    }

    /// A UDP socket on a port of the kernel's choice, as anything on the node may have one.
    private static func boundPort() throws -> (socket: Int32, number: String) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 ? getsockname(socket, $0, &length) : -1
            }
        }
        try #require(result == 0)
        return (socket, String(UInt16(bigEndian: address.sin_port)))
    }
}
