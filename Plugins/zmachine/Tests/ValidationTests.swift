import JSON
import PluginSDK
import PluginTesting
import Testing
import ZMachineProvisioner

@Suite("What machines are accepted")
struct ValidationTests {
    private let plugin = makeZMachinePlugin()
    private let context = Context(host: FakeHost())

    private func refusal(_ subject: JSONValue) async -> String? {
        do {
            _ = try await plugin.serve(.validate, ["subject": subject], in: context)
            return nil
        } catch { return "\(error)" }
    }

    private func network(_ address: String = "10.20.3.2", network: String = "net", public name: String = "")
        -> JSONValue
    {
        [
            "public_ip": .string(name), "planetary": false,
            "interfaces": [["network": .string(network), "ip": .string(address)]],
        ]
    }

    @Test("a machine by the rules is accepted")
    func valid() async { #expect(await refusal(MachineSubject.subject()) == nil) }

    @Test("members out of their range are refused with the grid's texts")
    func members() async {
        let cases: [(String, JSONValue, String)] = [
            (
                "network", ["public_ip": "", "planetary": false, "interfaces": .null],
                "only one network private network is supported at the moment"
            ),
            ("network", network(""), "invalid IP"),
            ("compute_capacity", ["cpu": 0, "memory": 268_435_456], "cpu capacity can't be 0"),
            ("compute_capacity", ["cpu": 1, "memory": 262_143_999], "mem capacity can't be less that 250M"),
            ("size", 524_287_999, "disk size can't be less that 524288000. Set to 0 for minimum"),
            ("network", network(public: "gone"), "public ip is not found"),
            ("network", network(network: "ygg"), "'ygg' is reserved network name"),
        ]
        for (member, value, text) in cases {
            let data = MachineSubject.data { $0[member] = value }
            #expect(await refusal(MachineSubject.subject(data)) == text)
        }
    }

    @Test("one public address serves one machine")
    func publicAddress() async {
        let address: JSONValue = ["id": "7-12-ip", "name": "ip", "type": "ip", "version": 0, "state": ""]
        let data = MachineSubject.data { $0["network"] = network(public: "ip") }
        #expect(await refusal(MachineSubject.subject(data, siblings: [address])) == nil)
        let other: JSONValue = ["id": "7-12-b", "name": "b", "type": "zmachine", "version": 0, "data": data]
        #expect(
            await refusal(MachineSubject.subject(data, siblings: [address, other]))
                == "public ip is assigned to multiple vms")
        let disk: JSONValue = ["id": "7-12-ip", "name": "ip", "type": "zmount", "version": 0]
        #expect(
            await refusal(MachineSubject.subject(data, siblings: [disk])) == "public ip 'ip' is a zmount, not an ip")
    }

    @Test("the root disk's minimum follows the product of cores and memory, which wraps")
    func capacity() async throws {
        let (half, gibibyte): (UInt64, UInt64) = (500 << 20, 1 << 30)
        let cases: [(cpu: UInt64, memory: UInt64, size: UInt64, expected: UInt64)] = [
            (1, 268_435_456, 0, half), (4, 2 * gibibyte, 0, 2 * gibibyte),
            (1, 8 * gibibyte, 3 * gibibyte, 3 * gibibyte), (4, 1 << 62, 0, half),
        ]
        for (cpu, memory, size, expected) in cases {
            let data = MachineSubject.data {
                $0["size"] = .number(JSONNumber(size))
                $0["compute_capacity"] = ["cpu": .number(JSONNumber(cpu)), "memory": .number(JSONNumber(memory))]
            }
            let capacity = try await plugin.serve(.capacity, ["type": "zmachine", "data": data], in: context)
            #expect(capacity["sru"] == .number(JSONNumber(expected)))
            #expect(capacity["mru"] == .number(JSONNumber(memory)))
        }
    }
}
