import JSON
import PluginSDK
import Testing

@testable import ZMachineProvisioner

@Suite("What the guest is told")
struct GuestTests {
    private func workload(_ json: JSONValue) throws -> Workload<ZMachine> {
        let data = try (json["data"] ?? .null).decode(ZMachine.self)
        let references = try (json["references"]?.arrayValue ?? []).map { json in
            Reference(
                pointer: try #require(json["pointer"]?.stringValue), name: try #require(json["name"]?.stringValue),
                workload: try #require(json["workload"]?.stringValue), type: try #require(json["type"]?.stringValue),
                state: json["state"]?.stringValue ?? "ok", result: json["result"] ?? .null,
                exports: (json["exports"]?.arrayValue ?? []).map {
                    Export(kind: $0["kind"]?.stringValue ?? "", value: $0["value"] ?? .null)
                })
        }
        return Workload(
            id: "7-12-vm", twin: 7, contract: 12, name: "vm", type: "zmachine", data: data, references: references,
            siblings: [Sibling(id: "7-12-ip", name: "ip", type: "ip")])
    }

    private func text(_ json: JSONValue, startup: Startup? = nil) throws -> String {
        let workload = try workload(json)
        return try GuestConfiguration(
            try MachinePlan(workload), data: workload.data, startup: startup, nameservers: ["9.9.9.9"],
            isFirstStart: true
        ).text
    }

    @Test("a private machine leaves by its network's gateway, in both families")
    func privateOnly() throws {
        let lines = try text(MachineSubject.subject()).split(separator: "\n").map(String.init)
        #expect(
            lines.filter { $0.hasPrefix("address") || $0.hasPrefix("route") } == [
                "address 'eth0' '10.20.3.2/24'", "address 'eth0' 'fd53:7670:4e68:3::2/64'",
                "route 'eth0' '10.20.0.0/16' '10.20.3.1'", "route 'eth0' '100.64.0.0/16' '10.20.3.1'",
                "route 'eth0' 'default' '10.20.3.1'", "route 'eth0' 'default' 'fe80::1'",
            ])
        #expect(lines.contains("nameserver '9.9.9.9'"))
        #expect(lines.contains("variable 'K' 'it'\\''s'"))
        #expect(lines.last == "program '/sbin/app'")
    }

    @Test("a public address takes the default route of its family only")
    func publicAddress() throws {
        let lines = try text(MachineSubject.public).split(separator: "\n").map(String.init)
        #expect(
            lines.filter { $0.contains("default") } == [
                "route 'eth0' 'default' 'fe80::1'", "route 'eth1' 'default' '198.51.100.1'",
            ])
        #expect(lines.contains("address 'eth1' '198.51.100.7/24'"))
    }

    @Test(
        "addresses that are not the machine's to take are refused",
        arguments: [
            "10.20.3.1", "10.20.3.0", "10.20.3.255", "10.20.4.2", "fd00::2", "x",
        ])
    func addresses(_ address: String) throws {
        let data = MachineSubject.data {
            $0["network"] = [
                "public_ip": "", "planetary": false, "interfaces": [["network": "net", "ip": .string(address)]],
            ]
        }
        let workload = try workload(MachineSubject.subject(data))
        #expect(throws: PluginError.self) { try MachinePlan(workload) }
    }

    @Test("mounts that lead nowhere or out of the root are refused", arguments: ["/", "data", "/../etc", "//"])
    func mounts(_ target: String) throws {
        let data = MachineSubject.data { $0["mounts"] = [["name": "data", "mountpoint": .string(target)]] }
        let wrong = try workload(MachineSubject.subject(data))
        #expect(throws: PluginError.self) { try MachinePlan(wrong) }
        let missing = try workload(MachineSubject.subject(references: [MachineSubject.network]))
        #expect(throws: PluginError.invalid("mount 'data' is no disk of this deployment that is ok")) {
            try MachinePlan(missing)
        }
    }

    @Test("no value can leave its quotes, and names that could are refused")
    func quoting() throws {
        #expect(GuestConfiguration.quoted("a'; reboot #") == "'a'\\''; reboot #'")
        for name in ["a b", "1x", "", "x;y", "é"] {
            let data = MachineSubject.data {
                $0["env"] = .object(JSONObject(members: [JSONMember(key: name, value: "v")]))
            }
            #expect(throws: PluginError.self) { try text(MachineSubject.subject(data)) }
        }
        let zero = MachineSubject.data { $0["env"] = ["K": "a\u{0}b"] }
        #expect(throws: PluginError.self) { try text(MachineSubject.subject(zero)) }
    }

    @Test(
        "words are split as a shell does",
        arguments: [
            ("/sbin/app", ["/sbin/app"]), (" a  b ", ["a", "b"]), (#"a "b c" 'd "e'"#, ["a", "b c", "d \"e"]),
            (#"a\ b "x\"y\z""#, ["a b", "x\"y\\z"]), ("''", [""]), ("", []),
        ] as [(String, [String])])
    func words(_ text: String, _ expected: [String]) { #expect(Words.split(text) == expected) }

    @Test("a quote that is not closed is no entrypoint", arguments: ["'a", "\"", "a\\"])
    func openQuotes(_ text: String) { #expect(Words.split(text) == nil) }

    @Test("what the root says is used where the deployment says nothing")
    func startup() throws {
        let startup = Startup(
            """
            # packed
            [startup.entry]
            name = "core.system"
            [startup.entry.args]
            name = "/bin/app"
            dir = "/srv"
            args = ["--text", "a \\"b\\"",
              'c']
            [startup.entry.args.env]
            K = "root's"
            L = "x"
            """)
        #expect(startup.program == ["/bin/app", "--text", "a \"b\"", "c"])
        let data = MachineSubject.data { $0["entrypoint"] = "" }
        let lines = try text(MachineSubject.subject(data), startup: startup).split(separator: "\n").map(String.init)
        #expect(lines.suffix(2) == ["directory '/srv'", "program '/bin/app' '--text' 'a \"b\"' 'c'"])
        // The later one counts in the guest.
        #expect(
            lines.filter { $0.hasPrefix("variable") } == [
                "variable 'K' 'root'\\''s'", "variable 'L' 'x'", "variable 'K' 'it'\\''s'",
            ])
    }

    @Test("the archive is what the kernel unpacks: newc, aligned, with a trailer")
    func archive() {
        let bytes = Archive.one(path: "zos/machine", content: Array("hi".utf8))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.count == 512)
        #expect(text.hasPrefix("070701" + "00000001" + "00008180"))
        #expect(bytes[110..<122].elementsEqual(Array("zos/machine".utf8) + [0]))
        #expect(bytes[124..<126].elementsEqual("hi".utf8))
        #expect(bytes[128..<134].elementsEqual("070701".utf8))
        #expect(text.contains("TRAILER!!!"))
    }
}
