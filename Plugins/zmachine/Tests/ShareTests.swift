import JSON
import Naming
import PluginSDK
import PluginTesting
import Testing

@testable import ZMachineProvisioner

@Suite("Directories in a machine")
struct ShareTests {
    private let plugin = makeZMachinePlugin()
    private let host = FakeHost()
    private let machine = FakeQEMU()
    private let folders: TestFolders
    private let context: Context
    private let names = MachineNames(workload: "7-12-vm")

    init() throws {
        folders = try TestFolders()
        context = Context(host: host, configuration: folders.configuration)
        machine.attach(to: host)
    }

    private static let volume: JSONValue = [
        "pointer": "/mounts/0/name", "name": "data", "workload": "7-12-data", "type": "volume", "state": "ok",
        "data": [:], "result": .null, "exports": [["kind": "directory", "value": ["directory": "7-12-data"]]],
    ]

    private static var subject: JSONValue {
        MachineSubject.subject(references: [MachineSubject.network, volume])
    }

    private func provision() async throws -> JSONValue {
        try await plugin.serve(.provision, ["subject": Self.subject, "paused": false], in: context)
    }

    @Test("a mount that exports a directory is served by a companion of its own and not formatted")
    func starts() async throws {
        let outcome = try await provision()
        #expect(outcome["outcome"] == "ready")
        let starts = host.calls(of: "companion.start")
        #expect(starts.map { $0["instance"] } == [names.files, names.share(mount: 0), names.machine])
        #expect(starts[1].request["slots"]?["root"] == ["reference": "7-12-data", "export": "directory"])
        let slots = try #require(starts[2].request["slots"])
        #expect(slots["disks"] == [])
        #expect(
            slots["shares"] == [
                [
                    "index": 0, "tag": "v0",
                    "share": ["connect": .string(names.share(mount: 0)), "socket": "share"],
                ]
            ])
        #expect(host.calls(of: "companion.run").isEmpty)
        #expect(try await provision()["outcome"] == "ready", "what runs is left alone")
        #expect(host.calls(of: "companion.start").count == 3)
    }

    @Test("a machine that has lost a directory is started again, and its removal leaves no companion")
    func ends() async throws {
        _ = try await provision()
        let exit: JSONValue = [
            "companion": "files", "instance": .string(names.share(mount: 0)), "workload": "7-12-vm", "code": 1,
            "output": "",
        ]
        #expect(try await plugin.serve(.companionExited, exit, in: context) == ["action": "restart"])
        _ = try await plugin.serve(.deprovision, ["subject": MachineSubject.subject(references: [])], in: context)
        #expect(host.existing.filter { $0.hasPrefix("companion ") }.isEmpty)
    }

    @Test("the guest mounts it by its tag")
    func guest() async throws {
        let workload = Workload(
            id: "7-12-vm", twin: 7, contract: 12, name: "vm", type: "zmachine",
            data: try MachineSubject.data().decode(ZMachine.self),
            references: [
                Reference(
                    pointer: "/network/interfaces/0/network", name: "net", workload: "7-11-net", type: "network",
                    exports: [
                        .segment(
                            "b-x",
                            ["subnet": "10.20.3.0/24", "ip_range": "10.20.0.0/16", "gateway": "10.20.3.1"])
                    ]),
                Reference(
                    pointer: "/mounts/0/name", name: "data", workload: "7-12-data", type: "volume",
                    exports: [.directory("7-12-data")]),
            ])
        let text = try GuestConfiguration(
            try MachinePlan(workload), data: workload.data, startup: nil, nameservers: [], isFirstStart: false
        ).text
        #expect(text.split(separator: "\n").contains("share 'v0' '/data'"))
        #expect(!text.contains("disk "))
    }
}
