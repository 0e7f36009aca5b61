import JSON
import RMB
import Testing

@testable import Client

@Suite("Typed answers")
struct ResultTests {
    /// Answers each command with a text, or refuses.
    private struct Node: RMBCaller {
        let answers: [String: String]

        func call(
            _ command: String, at twin: UInt32, payload: JSONValue, timeout: Duration
        ) async throws(RMBError) -> JSONValue {
            guard let text = answers[command] else { throw RMBError(.remote, "function is not found") }
            guard !text.hasPrefix("!") else { throw RMBError(.remote, String(text.dropFirst())) }
            do { return try JSONValue(parsing: text) } catch { throw RMBError(.badReply, "\(error)") }
        }
    }

    private func client(_ answers: [String: String]) -> NodeClient {
        NodeClient(caller: Node(answers: answers), twin: 1)
    }

    @Test("figures keep all 64 bits; what older nodes leave out is zero or nil")
    func counters() async throws {
        let full = """
            {"total":{"cru":8,"sru":18446744073709551615,"hru":0,"mru":9007199254740993,"ipv4u":2},
             "used":{"cru":1,"sru":1,"hru":5,"mru":1,"ipv4u":0},"system":{"mru":2},
             "users":{"deployments":3,"workloads":4,"last_deployment_timestamp":1700000000},"open_connections":7,"new":1}
            """
        let counters = try await client(["zos.statistics.get": full]).statistics()
        #expect(counters.total.fastStorage == .max)
        #expect(counters.total.memory == 9_007_199_254_740_993)
        #expect(counters.free.slowStorage == 0, "never below zero")
        #expect(counters.system.memory == 2)
        #expect(counters.users?.lastDeployment == 1_700_000_000)
        #expect(counters.openConnections == 7)
        let old = try await client(["zos.statistics.get": #"{"total":{"cru":1},"used":null}"#]).statistics()
        #expect(old.users == nil && old.used.cores == 0)
    }

    @Test("lists that nodes write as null are empty")
    func nullLists() async throws {
        let node = client([
            "zos.storage.pools": "null", "zos.gpu.list": "null", "zos.network.list_wg_ports": "null",
            "zos.perf.get_all": "null", "zos.network.list_public_ips": "null", "zos.network.list_private_ips": "null",
        ])
        #expect(try await node.pools().isEmpty)
        #expect(try await node.graphicsCards().isEmpty)
        #expect(try await node.takenPorts().isEmpty)
        #expect(try await node.performance().isEmpty)
        #expect(try await node.publicIPs().isEmpty)
        #expect(try await node.privateIPs(network: "n").isEmpty)
    }

    @Test("what a node does not have is nil or false, not an error")
    func absence() async throws {
        let node = client([
            "zos.network.public_config_get": "!no public configuration",
            "zos.network.has_ipv6": "!no public ipv6 found",
            "zos.perf.get": "!result not found", "zos.location.get": "!failed to fetch location information",
            "zos.system.hypervisor": "\"\"",
        ])
        #expect(try await node.publicConfig() == nil)
        #expect(try await node.hasIPv6() == false)
        #expect(try await node.performance(of: "iperf") == nil)
        #expect(try await node.location() == nil)
        #expect(try await node.hypervisor() == nil)
    }

    @Test("farmers' commands are found under either name; a refusal under one is final")
    func admin() async throws {
        let interfaces = #"{"eth0":{"ips":null,"mac":"00:01"},"zos":{"ips":["10.0.0.1/24"],"mac":""}}"#
        for prefix in ["zos.admin", "zos.network.admin"] {
            let node = client([
                "\(prefix).interfaces": interfaces, "\(prefix).set_public_nic": "null",
                "\(prefix).get_public_nic": #"{"is_single":false,"is_dual":true,"dual_interface":"eth1"}"#,
            ])
            #expect(try await node.adminInterfaces()["zos"]?.addresses == ["10.0.0.1/24"])
            #expect(try await node.adminInterfaces()["eth0"]?.addresses == [])
            #expect(try await node.exitDevice().device == "eth1")
            try await node.setExitDevice("zos")
        }
        let refusing = client(["zos.admin.interfaces": "!unauthorized", "zos.network.admin.interfaces": interfaces])
        #expect(await failure { try await refusing.adminInterfaces() }?.message == "unauthorized")
    }

    @Test("diagnostics name the parts that are not well, whatever form their errors have")
    func diagnostics() async throws {
        let text = """
            {"system_status_ok":false,"healthy":true,"modules":{"storage":{"status":{},"error":{}},
             "node":{"status":{},"error":null},"flist":{"error":"gone"}}}
            """
        let diagnosis = try await client(["zos.system.diagnostics": text]).diagnostics()
        #expect(diagnosis.failures == ["storage": "{}", "flist": "gone"])
        #expect(diagnosis.isHealthy && !diagnosis.isSystemFine)
    }

    @Test(
        "an answer of another form is named, and is no crash",
        arguments: ["[]", "1", "null", "{\"total\":1}", "{\"total\":{\"cru\":-1}}", "{\"total\":{\"cru\":1.5}}"])
    func nonsense(text: String) async throws {
        let error = await failure { try await client(["zos.statistics.get": text]).statistics() }
        #expect(error?.code == .badAnswer && error?.message.contains("zos.statistics.get") == true)
    }
}
