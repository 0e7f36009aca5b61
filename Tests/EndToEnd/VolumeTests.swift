import Client
import Foundation
import JSON
import TestNode
import Testing

/// A whole node with a network, a volume and machines that mount it. Needs root, QEMU and the guest's kernel; boots two
/// machines one after the other.
@Suite("A volume in machines", .serialized)
struct VolumeTests {
    private static let size: UInt64 = 32 << 20

    /// Writes until nothing fits, says so, and makes room again.
    private static let program =
        "/bin/sh -c 'echo $(hostname) >>/shared/starts; dd if=/dev/zero of=/shared/fill bs=1M 2>/tmp/said; "
        + "grep -c \"No space\" /tmp/said >/tmp/full; df -k /shared >/tmp/df; rm /shared/fill; "
        + "cp /tmp/df /shared/df; cp /tmp/full /shared/full-$(hostname); sync; sleep 3600'"

    private static func workloads(_ machine: String, _ root: String, size: UInt64 = size) -> [JSONValue] {
        [
            [
                "name": "net", "type": "network",
                "data": [
                    "ip_range": "10.20.0.0/16", "subnet": "10.20.3.0/24",
                    "wireguard_private_key": "aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                    "wireguard_listen_port": 3011, "peers": [],
                ],
            ],
            ["name": "shared", "type": "volume", "data": ["size": .number(JSONNumber(size))]],
            [
                "name": .string(machine), "type": "zmachine",
                "data": [
                    "flist": .string("dir://\(root)"),
                    "network": [
                        "public_ip": "", "planetary": false, "interfaces": [["network": "net", "ip": "10.20.3.2"]],
                    ],
                    "size": 0, "compute_capacity": ["cpu": 1, "memory": 268_435_456],
                    "mounts": [["name": "shared", "mountpoint": "/shared"]], "entrypoint": .string(program),
                    "env": [:], "corex": false,
                ],
            ],
        ]
    }

    @Test("a volume is full at its size, keeps its content when a machine is replaced, and is gone with its deployment")
    func lifecycle() async throws {
        let repository = String(#filePath.dropLast("/Tests/EndToEnd/VolumeTests.swift".count))
        let roots = "/tmp/zt-roots-\(getpid())"
        let root = roots + "/example"
        defer { try? FileManager.default.removeItem(atPath: roots) }
        for (program, arguments) in [
            ("Plugins/zmachine/guest/build.sh", ["\(repository)/Plugins/zmachine/files/guest"]),
            ("Tests/EndToEnd/demo/rootfs/build.sh", [root]),
        ] {
            let built = try Programs.run("\(repository)/\(program)", arguments)
            try #require(built.status == 0, "\(built.output)")
        }
        let plugins = try PluginFolder(["network", "volume", "zmachine"])
        try await RunningNode.with(plugins: plugins, options: ["--root", roots]) { node in
            for plugin in ["network", "volume", "zmachine"] {
                try await node.waitForPlugin("org.zos.\(plugin)", "ready")
            }
            let user = try node.user()
            let contract = try await user.deployed(Self.workloads("first", root))
            // Seen through the node's own mounts: nobody else has them.
            let inside =
                "/proc/\(try node.process())/root\(node.folder)/run/brokers/directories/"
                + "org.zos.volume,\(user.twin)-\(contract)-shared"
            @Sendable func read(_ file: String) -> String {
                String(decoding: FileManager.default.contents(atPath: "\(inside)/\(file)") ?? Data(), as: UTF8.self)
            }
            try await eventually("the first machine has filled the volume", within: .seconds(120)) {
                read("full-first") == "1\n"
            }
            #expect(read("starts") == "first\n")
            #expect(!read("df").isEmpty)
            let second = try DeploymentDescription(["workloads": .array(Self.workloads("second", root))])
            _ = try await user.builder.update(contract: contract, to: second)
            try await eventually("the second machine has filled the volume", within: .seconds(120)) {
                read("full-second") == "1\n"
            }
            #expect(read("starts") == "first\nsecond\n")
            let image = "\(node.folder)/pools/main/directories/org.zos.volume,\(user.twin)-\(contract)-shared.img"
            let bytes = try FileManager.default.attributesOfItem(atPath: image)[.size] as? UInt64
            #expect(bytes == Self.size)
            try await user.builder.cancel(contract: contract)
            try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
            #expect(!FileManager.default.fileExists(atPath: image))
            #expect(!FileManager.default.fileExists(atPath: inside))
        }
    }
}
