import JSON
import TestNode
import Testing

extension BadInput {
    @Suite("Workloads", .serialized)
    struct Workloads {
        let stage: Stage

        init() throws { stage = try OnStage.stage() }

        private func network(_ name: String, port: Int, subnet: Int) -> JSONValue {
            [
                "name": .string(name), "type": "network",
                "data": [
                    "ip_range": .string("10.\(subnet).0.0/16"), "subnet": .string("10.\(subnet).1.0/24"),
                    "wireguard_private_key": "4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8=",
                    "wireguard_listen_port": .number(JSONNumber(Int64(port))), "peers": [],
                ],
            ]
        }

        private func machine(root: String = "dir:///", network: String = "net", mounts: JSONValue = []) -> JSONValue {
            [
                "name": "vm", "type": "zmachine",
                "data": [
                    "flist": .string(root),
                    "network": [
                        "public_ip": "", "planetary": false,
                        "interfaces": [["network": .string(network), "ip": "10.30.1.2"]],
                    ],
                    "size": 0, "compute_capacity": ["cpu": 1, "memory": 268_435_456], "mounts": mounts,
                    "entrypoint": "/sbin/app", "env": [:],
                ],
            ]
        }

        @Test("references to workloads that do not exist, or are of the wrong type")
        func missingReference() async throws {
            let net = network("net", port: 3030, subnet: 30)
            let disk: JSONValue = [["name": "nowhere", "mountpoint": "/data"]]
            #expect(
                try await stage.refusal(of: net, machine(mounts: disk))
                    == "workload 'vm' refers to 'nowhere' at /mounts/0/name, which does not exist")
            #expect(
                try await stage.refusal(of: machine(network: "elsewhere"))
                    == "workload 'vm' refers to 'elsewhere' at /network/interfaces/0/network, which does not exist")
            let wrong = try await stage.refusal(
                of: ["name": "net", "type": "zmount", "data": ["size": 4096]], machine())
            #expect(wrong.contains("which is of type zmount, not network"), "\(wrong)")
        }

        @Test("a disk of no size")
        func nothing() async throws {
            let refusal = try await stage.refusal(of: ["name": "d", "type": "zmount", "data": ["size": 0]])
            #expect(refusal.contains("size"), "\(refusal)")
        }

        @Test("a disk larger than the pool")
        func disk() async throws {
            let refusal = try await stage.refusal(
                of: ["name": "d", "type": "zmount", "data": ["size": 2_147_483_648]])
            #expect(refusal.contains("2147483648 bytes"), "\(refusal)")
        }

        @Test("more memory than the node has")
        func memory() async throws {
            var vast = machine().objectValue ?? [:]
            var data = vast["data"]?.objectValue ?? [:]
            data["compute_capacity"] = ["cpu": 1, "memory": 1_099_511_627_776]
            vast["data"] = .object(data)
            let refusal = try await stage.refusal(of: network("net", port: 3030, subnet: 30), .object(vast))
            #expect(refusal.contains("memory"), "\(refusal)")
        }

        @Test(
            "a root that does not exist, lies outside of what the operator allows, or is of a kind that comes later",
            arguments: [
                ("dir://\(Stage.root)/nowhere", "\(Stage.root)/nowhere"),
                ("dir:///etc", "/etc is not below a folder that the operator gives to machines"),
                ("dir://../etc", "has to name an absolute path"), ("https://hub.grid.tf/a.flist", "flist"),
            ])
        func root(_ url: String, _ reason: String) async throws {
            let text = try await stage.failure(of: network("net", port: 3030, subnet: 30), machine(root: url))
            #expect(text.contains(reason), "\(text)")
        }

        @Test("a UDP port that another network has")
        func port() async throws {
            let text = try await stage.failure(
                of: network("one", port: 3040, subnet: 40), network("two", port: 3040, subnet: 41))
            #expect(text.contains("3040"), "\(text)")
        }

        @Test("a UDP port that the node keeps for itself")
        func reservedPort() async throws {
            let text = try await stage.failure(of: network("one", port: 8051, subnet: 40))
            #expect(text.contains("8051"), "\(text)")
        }

        @Test("a second address of a contract that reserves one")
        func address() async throws {
            let text = try await stage.failure(
                of: ["name": "one", "type": "ip", "data": ["v4": true, "v6": false]],
                ["name": "two", "type": "ip", "data": ["v4": true, "v6": false]], publicIPs: 1)
            #expect(text.contains("address"), "\(text)")
        }
    }
}
