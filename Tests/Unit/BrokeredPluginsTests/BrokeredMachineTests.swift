import Glibc
import Hosting
import JSON
import Naming
import NetworkProvisioner
import PluginSDK
import Testing
import ZMachineProvisioner
import ZMountProvisioner

extension BrokeredPluginsTests {
    /// A machine with a network and a disk, each by its own plugin, booted on the node's brokers and companions. Needs
    /// root, and Debian's packages for the guest (`Plugins/zmachine/guest/build.sh`).
    @Suite("a machine", .serialized)
    struct BrokeredMachineTests {
        private let twin = UInt32(truncatingIfNeeded: getpid()) &+ 1
        var network: String { "\(twin)-12-net" }
        var disk: String { "\(twin)-12-data" }
        var machine: String { "\(twin)-12-vm" }

        func subject(_ name: String, _ type: String, _ data: JSONValue, references: [SubjectReference] = [])
            -> JSONValue
        {
            [
                "id": .string("\(twin)-12-\(name)"), "twin": .number(JSONNumber(twin)), "contract": 12,
                "name": .string(name), "type": .string(type), "version": 0, "data": data,
                "references": .array(references.map(\.json)),
            ]
        }

        func reference(_ pointer: String, _ name: String, _ type: String, _ outcome: JSONValue)
            -> SubjectReference
        {
            SubjectReference(
                pointer: pointer, name: name, workload: "\(twin)-12-\(name)", type: type, state: "ok", data: [:],
                result: outcome["result"] ?? .null,
                exports: (outcome["exports"]?.arrayValue ?? []).map {
                    Hosting.Export(kind: $0["kind"]?.stringValue ?? "", value: $0["value"] ?? .null)
                })
        }

        var networkData: JSONValue {
            [
                "ip_range": "10.20.0.0/16", "subnet": "10.20.3.0/24",
                "wireguard_private_key": "aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "wireguard_listen_port": .number(JSONNumber(20_000 + twin % 10_000)), "peers": [],
            ]
        }

        func machineData(_ root: String) -> JSONValue {
            [
                "flist": .string("dir://\(root)"),
                "network": [
                    "public_ip": "", "planetary": false, "interfaces": [["network": "net", "ip": "10.20.3.2"]],
                ],
                "size": 0, "compute_capacity": ["cpu": 1, "memory": 268_435_456],
                "mounts": [["name": "data", "mountpoint": "/data"]], "entrypoint": "/sbin/app", "env": [:],
                "corex": false,
            ]
        }

        /// What the machine serves at a path, asked from inside its network; waits for it to boot.
        func page(_ path: String, _ node: Node) async throws -> String {
            let namespace = "\(node.folder)/netns/n-\(DeviceName.network(twin: twin, name: "net"))"
            let file = "\(node.folder)/page"
            try await offThread {
                Spawned([
                    "nsenter", "--net=\(namespace)", "curl", "-s", "--retry", "120", "--retry-all-errors",
                    "--retry-delay", "1", "--connect-timeout", "1", "-o", file, "http://10.20.3.2\(path)",
                ]).wait()
            }
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0, "the machine does not answer")
            defer {
                close(descriptor)
                unlink(file)
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }

        @Test("a machine boots to its first answer, keeps its disk when it is replaced, and leaves nothing")
        func boot() async throws {
            let node = try Node(plugin: "zmachine", and: ["network", "zmount"], rootPolicy: .allowed)
            let root = "\(node.folder)/roots/example"
            let package = "\(Node.repository)/Plugins/zmachine"
            try await offThread {
                Spawned(["\(Node.repository)/Tests/EndToEnd/demo/rootfs/build.sh", root]).wait()
                Spawned(["\(package)/guest/build.sh", "\(package)/files/guest"]).wait()
            }
            let before = try node.links()
            let (networks, disks, machines) = (makeNetworkPlugin(), makeZMountPlugin(), makeZMachinePlugin())
            try await node.run { context in
                node.announce(network, type: "network", of: "network")
                node.announce(disk, type: "zmount", of: "zmount")
                let networkContext = try node.context(of: "network")
                let diskContext = try node.context(of: "zmount")
                let netSubject = subject("net", "network", networkData)
                let diskSubject = subject("data", "zmount", ["size": 33_554_432])
                let netOutcome = try await networks.serve(
                    .provision, ["subject": netSubject, "paused": false], in: networkContext)
                let diskOutcome = try await disks.serve(
                    .provision, ["subject": diskSubject, "paused": false], in: diskContext)
                let references = [
                    reference("/network/interfaces/0/network", "net", "network", netOutcome),
                    reference("/mounts/0/name", "data", "zmount", diskOutcome),
                ]
                node.announce(machine, type: "zmachine", references: references)
                let vm = subject("vm", "zmachine", machineData(root), references: references)
                for starts in 1...2 {
                    let outcome = try await machines.serve(.provision, ["subject": vm, "paused": false], in: context)
                    #expect(outcome["result"]?["ip"] == "10.20.3.2")
                    let index = try await page("/index.html", node)
                    #expect(index == "hello from vm\n")
                    let lines = try await page("/starts", node).split(separator: "\n")
                    #expect(lines.count == starts, "the disk keeps what earlier machines wrote")
                    // A disk in use is not taken away.
                    await #expect(throws: PluginError.self) {
                        _ = try await disks.serve(.deprovision, ["subject": diskSubject], in: diskContext)
                    }
                    _ = try await machines.serve(.pause, ["subject": vm], in: context)
                    _ = try await machines.serve(.resume, ["subject": vm], in: context)
                    _ = try await machines.serve(.deprovision, ["subject": vm], in: context)
                }
                _ = try await disks.serve(.deprovision, ["subject": diskSubject], in: diskContext)
                _ = try await networks.serve(.deprovision, ["subject": netSubject], in: networkContext)
                #expect(try node.links().filter { $0.hasPrefix("t-") } == before.filter { $0.hasPrefix("t-") })
            }
        }
    }
}
