import JSON
import Naming
import PluginSDK
import PluginTesting
import Testing
import ZMachineProvisioner

@Suite("zmachine")
struct ZMachineProvisionerTests {
    private let plugin = makeZMachinePlugin()
    private let host = FakeHost()
    private let machine = FakeQEMU()
    private let folders: TestFolders
    private let context: Context
    private let device = DeviceName.device(workloadID: "7-12-vm", text: "machine")

    init() throws {
        folders = try TestFolders()
        context = Context(host: host, configuration: folders.configuration)
        machine.attach(to: host)
        host.answer("companion.run") { call in
            HostReply(["code": call["companion"] == "look" ? 2 : 0, "output": ""])
        }
    }

    private func provision(_ subject: JSONValue, paused: Bool = false) async throws -> JSONValue {
        try await plugin.serve(.provision, ["subject": subject, "paused": .bool(paused)], in: context)
    }

    @Test("provision makes root, disks and tap, then starts the share and the machine")
    func provision() async throws {
        let outcome = try await provision(MachineSubject.subject())
        #expect(outcome["result"]?["ip"] == "10.20.3.2")
        #expect(outcome["result"]?["id"] == "7-12-vm")
        #expect(outcome["result"]?["console_url"] == "10.20.3.1:20002")
        let tap = "t-\(DeviceName.device(workloadID: "7-12-vm", text: "net"))"
        #expect(
            host.existing == [
                "companion f-\(device)", "companion m-\(device)", "listener m-\(device) 7-11-net",
                "overlay r-\(device)",
                "tap \(tap)",
            ])
        let services = host.calls.map(\.service).filter { $0 != "companion.status" && $0 != "node.facts" }
        #expect(
            services == [
                "companion.delete", "companion.delete", "root.open", "overlay.create", "companion.run",
                "companion.run", "tap.create", "companion.start", "companion.start", "companion.connect",
                "companion.connect", "listener.open",
            ])
        #expect(machine.commands == ["qmp_capabilities", "query-status", "qmp_capabilities", "cont"])
        #expect(folders.scratchFiles.isEmpty, "the machine's secrets stay in no file")
    }

    @Test("the machine gets its disks and taps as descriptors and sizes as numbers")
    func slots() async throws {
        _ = try await provision(MachineSubject.public)
        let start = try #require(host.calls(of: "companion.start").last)
        let slots = try #require(start.request["slots"])
        #expect(start.workload == "7-12-vm")
        #expect(slots["memory"] == 256)
        #expect(slots["accelerator"] == "tcg,tb-size=64")
        #expect(slots["kernel"] == ["index": 0])
        #expect(slots["share"] == ["connect": .string("f-\(device)"), "socket": "share"])
        #expect(slots["disks"]?[0]?["disk"] == ["reference": "7-12-data", "export": "block-device"])
        #expect(slots["disks"]?[0]?["index"] == 1)
        let public_ = "p-\(DeviceName.device(workloadID: "7-12-ip", text: "pub"))"
        #expect(slots["interfaces"]?[1]?["tap"] == ["tap": .string(public_)])
        let tap = try #require(host.calls(of: "tap.create").last)
        #expect(tap["reference"] == "7-12-ip")
        #expect(tap["name"] == public_)
    }

    @Test("a machine whose console cannot be offered runs all the same, and says so")
    func withoutConsole() async throws {
        host.refuse("listener.open")
        let outcome = try await provision(MachineSubject.subject())
        #expect(outcome["outcome"] == "ready")
        #expect(outcome["result"]?["console_url"] == "")
        #expect(host.lines.contains { $0.contains("console") })
    }

    @Test("what runs is left alone")
    func present() async throws {
        _ = try await provision(MachineSubject.subject())
        let again = try await provision(MachineSubject.subject(result: ["id": "7-12-vm"]))
        #expect(again == ["outcome": "present"])
        #expect(host.calls(of: "companion.start").count == 2)
    }

    @Test(
        "KVM is used only if the guest's kernel arrives with it, and is tried once",
        arguments: [
            ("zos-guest: probe ok", "kvm"), ("KVM internal error", "tcg,tb-size=64"), ("", "tcg,tb-size=64"),
        ])
    func accelerator(_ output: String, _ expected: String) async throws {
        host.answer("node.facts") { _ in
            HostReply(["node": 1, "cpus": 2, "memory": 8_589_934_592, "kvm": true, "nameservers": []])
        }
        host.answer("companion.run") { call in
            guard call["companion"] == "probe" else {
                return HostReply(["code": call["companion"] == "look" ? 2 : 0, "output": ""])
            }
            // No output stands for one that had to be killed.
            if output.isEmpty { throw PluginError.unavailable("did not end within 10 s") }
            return HostReply(["code": 0, "output": .string(output)])
        }
        for _ in 0..<2 {
            _ = try await provision(MachineSubject.subject())
            _ = try await plugin.serve(.deprovision, ["subject": MachineSubject.subject()], in: context)
        }
        let starts = host.calls(of: "companion.start").filter { $0["companion"] == "machine" }
        #expect(starts.compactMap { $0.request["slots"]?["accelerator"]?.stringValue } == [expected, expected])
        #expect(host.calls(of: "companion.run").filter { $0["companion"] == "probe" }.count == 1)
    }

    @Test("a machine that was paused comes back paused, whether it runs still or has to be started")
    func paused() async throws {
        _ = try await provision(MachineSubject.subject(), paused: true)
        let again = try await provision(MachineSubject.subject(result: ["id": "7-12-vm"]), paused: true)
        #expect(again == ["outcome": "present"])
        #expect(machine.commands.filter { $0 == "stop" }.count == 2)
        #expect(!machine.commands.contains("cont"), "QEMU starts with its processors stopped")
    }

    @Test("a failure at any step leaves nothing", arguments: ["overlay.create", "companion.run", "tap.create"])
    func undo(_ service: String) async throws {
        host.refuse(service)
        await #expect(throws: PluginError.failed("refused by the test")) {
            _ = try await provision(MachineSubject.subject())
        }
        #expect(host.existing.isEmpty)
    }

    @Test("a machine that does not start leaves neither tap nor share nor root")
    func undoStart() async throws {
        host.answer("companion.start") { call in
            if call["companion"] == "machine" { throw PluginError.failed("no machine today") }
            return HostReply(["started": true, "pid": 1])
        }
        await #expect(throws: PluginError.failed("no machine today")) {
            _ = try await provision(MachineSubject.subject())
        }
        #expect(host.existing.isEmpty)
    }

    @Test("a disk that holds something is not formatted, one that cannot be read is not either")
    func format() async throws {
        host.answer("companion.run") { _ in HostReply(["code": 0, "output": "TYPE=ext4"]) }
        _ = try await provision(MachineSubject.subject())
        #expect(host.calls(of: "companion.run").map { $0["companion"] } == ["look"])
        let other = FakeHost()
        machine.attach(to: other)
        other.answer("companion.run") { _ in HostReply(["code": 1, "output": "no such device"]) }
        let context = Context(host: other, configuration: folders.configuration)
        await #expect(throws: PluginError.failed("cannot tell whether disk data is blank: no such device")) {
            _ = try await plugin.serve(.provision, ["subject": MachineSubject.subject()], in: context)
        }
    }

    @Test("removal asks the guest, then takes everything away, and can be repeated")
    func remove() async throws {
        _ = try await provision(MachineSubject.public)
        let subject = MachineSubject.subject(MachineSubject.public["data"] ?? .null, references: [])
        _ = try await plugin.serve(.deprovision, ["subject": subject], in: context)
        #expect(machine.commands.suffix(3) == ["qmp_capabilities", "query-status", "send-key"])
        #expect(host.existing.isEmpty)
        _ = try await plugin.serve(.deprovision, ["subject": subject], in: context)
    }

    @Test("the fourth end within two minutes is the last, with the end of the console")
    func crashLoop() async throws {
        _ = try await provision(MachineSubject.subject())
        let exit: JSONValue = [
            "companion": "machine", "instance": .string("m-\(device)"), "workload": "7-12-vm", "code": 0,
            "signal": .null, "uptime": 2, "output": "panic",
        ]
        for _ in 1...3 {
            let action = try await plugin.serve(.companionExited, exit, in: context)
            #expect(action == ["action": "restart"])
        }
        let action = try await plugin.serve(.companionExited, exit, in: context)
        #expect(action["action"] == "fail")
        #expect(action["message"] == "too many crashes; the end of the console:\npanic")
    }

    @Test("the count of ends survives the worker: the node keeps it with the machine")
    func countSurvives() async throws {
        var subject = MachineSubject.subject()
        let exit: JSONValue = [
            "companion": "machine", "instance": .string("m-\(device)"), "workload": "7-12-vm", "code": 0,
            "signal": .null, "uptime": 2, "output": "panic",
        ]
        for _ in 1...3 {
            // A new worker each time, which knows what the node tells it.
            let plugin = makeZMachinePlugin()
            for name in ["m-\(device)", "f-\(device)"] {
                _ = try await host.call(
                    "companion.delete", workload: "7-12-vm", request: ["instance": .string(name)], descriptors: [])
            }
            _ = try await plugin.serve(.initialize, ["workloads": [subject]], in: context)
            #expect(try await plugin.serve(.companionExited, exit, in: context) == ["action": "restart"])
            let outcome = try await plugin.serve(.provision, ["subject": subject], in: context)
            var object = try #require(subject.objectValue)
            object["state"] = outcome["state"] ?? .null
            subject = .object(object)
        }
        let last = makeZMachinePlugin()
        _ = try await last.serve(.initialize, ["workloads": [subject]], in: context)
        #expect(try await last.serve(.companionExited, exit, in: context)["action"] == "fail")
    }

    @Test("an end that was asked for is no crash, nor is the share's end after the machine's")
    func wantedEnd() async throws {
        _ = try await provision(MachineSubject.subject())
        _ = try await plugin.serve(.deprovision, ["subject": MachineSubject.subject()], in: context)
        let share: JSONValue = [
            "companion": "files", "instance": .string("f-\(device)"), "workload": "7-12-vm", "output": "",
        ]
        let action = try await plugin.serve(.companionExited, share, in: context)
        #expect(action == ["action": "none"])
    }

    @Test("while a machine is being stopped its end is wanted")
    func stopping() async throws {
        _ = try await provision(MachineSubject.subject())
        let exit: JSONValue = [
            "companion": "machine", "instance": .string("m-\(device)"), "workload": "7-12-vm", "output": "",
        ]
        host.refuse("overlay.delete")
        await #expect(throws: PluginError.self) {
            _ = try await plugin.serve(.deprovision, ["subject": MachineSubject.subject()], in: context)
        }
        let action = try await plugin.serve(.companionExited, exit, in: context)
        #expect(action == ["action": "none"])
    }

    @Test("roots that bring a kernel or an image are refused")
    func ownKernel() async throws {
        host.answer("root.open") { _ in HostReply(["root": "r", "files": ["/image.raw"], "texts": [:]]) }
        let error = await #expect(throws: PluginError.self) { _ = try await provision(MachineSubject.subject()) }
        #expect(error?.status == .unsupported)
        #expect(host.existing.isEmpty)
    }

    @Test("private addresses of a network are listed")
    func list() async throws {
        let request: JSONValue = [
            "command": "zos.network.list_private_ips", "caller": 7, "payload": ["network_name": "net"],
            "workloads": [MachineSubject.subject()],
        ]
        let answer = try await plugin.serve(.command, request, in: context)
        #expect(answer == ["10.20.3.2"])
    }

    @Test("administrators read a machine's size, state and console")
    func info() async throws {
        func ask(verbose: Bool) async throws -> JSONValue {
            let payload: JSONValue = ["workload": "7-12-vm", "verbose": .bool(verbose)]
            return try await plugin.serve(
                .command,
                [
                    "command": "machine.info", "caller": 7, "payload": payload,
                    "workloads": [MachineSubject.subject()],
                ], in: context)
        }
        #expect(try await ask(verbose: false)["checks"]?[0]?["ok"] == false)
        _ = try await provision(MachineSubject.subject())
        let answer = try await ask(verbose: true)
        #expect(answer["info"] == ["HtEnabled": false, "Memory": 268_435_456, "CPU": 1])
        #expect(answer["logs"]?.stringValue != nil)
        #expect(answer["checks"]?[0]?["ok"] == true)
        let status = try #require(host.calls(of: "companion.status").last)
        #expect(status.workload == "7-12-vm")
        #expect(status.request["bytes"] == 262_144)
    }
}
