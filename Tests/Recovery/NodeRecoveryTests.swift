import Client
import Deployments
import Foundation
import JSON
import SQLite
import TestNode
import Testing

@Suite("A node's death and return", .serialized)
struct NodeRecoveryTests {
    private func echo(_ text: String) -> JSONValue { ["name": "a", "type": "echo", "data": ["text": .string(text)]] }

    @Test("what was accepted right before SIGKILL runs after the restart, with its whole history")
    func acceptedThenKilled() async throws {
        try await RunningNode.with(plugins: PluginFolder(["echo", "zmount"])) { node in
            let user = try node.user()
            let disk: JSONValue = ["name": "d", "type": "zmount", "data": ["size": 1_048_576]]
            try await node.waitForPlugin("org.zos.zmount", "ready")
            let deployment = try await user.contracted(user.deployment([echo("x"), disk]))
            try await user.client.deploy(deployment)
            try await node.kill()
            try await node.up()
            try await user.client.wait(
                for: ["a", "d"].map { WorkloadGoal($0, .running(version: 0)) }, contract: deployment.contract,
                deadline: .seconds(60))
            let history = try await user.client.changes(contract: deployment.contract)
            for name in ["a", "d"] {
                let states = history.filter { $0.name == name }.map { $0.result.state }
                #expect(states == [.initial, .ok], "\(name)")
            }
        }
    }

    @Test("SIGTERM leaves workloads and their processes running; the next start finds the same ones")
    func terminated() async throws {
        try await RunningNode.with(plugins: PluginFolder(["network"])) { node in
            let user = try node.user()
            try await node.waitForPlugin("org.zos.network", "ready")
            let contract = try await user.deployed([
                [
                    "name": "net", "type": "network",
                    "data": [
                        "ip_range": "10.30.0.0/16", "subnet": "10.30.1.0/24",
                        "wireguard_private_key": "4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8=",
                        "wireguard_listen_port": 3050, "peers": [],
                    ],
                ]
            ])
            let before = node.companions()
            #expect(before.count == 1)
            try await node.stop()
            #expect(node.companions() == before, "they run without the node")
            try await node.up()
            try await node.waitForPlugin("org.zos.network", "ready")
            #expect(node.companions() == before)
            let states = try await user.client.deployment(contract: contract).workloads.map { $0.result.state }
            #expect(states == [.ok])
        }
    }

    @Test("a second node on the same folder is refused and says so; the first one does not notice")
    func second() async throws {
        try await RunningNode.with(plugins: PluginFolder(["echo"])) { node in
            let folder = node.folder
            let outcome = try Programs.run(
                Programs.built + "/zosd",
                ["--state", folder, "--run", folder + "/run", "--config", folder + "/zos.toml"])
            #expect(outcome.status == 75)
            #expect(outcome.output.contains("another node holds \(folder)/lock; stop that node"), "\(outcome.output)")
            let again = try await Programs.zos(["up", "--state", folder])
            #expect(again.status == 2)
            #expect(again.output.contains("runs already"), "\(again.output)")
            _ = try await node.user().client.version()
        }
    }

    @Test("databases of a newer version are refused and stay as they are", arguments: ["node.db", "ledger.db"])
    func newerDatabase(_ name: String) async throws {
        try await RunningNode.with(plugins: PluginFolder(["echo"])) { node in
            let path = "\(node.folder)/\(name)"
            try await node.stop()
            let known = try Connection(path: path).first("PRAGMA user_version") { row throws(SQLiteError) in
                try row.int(0)
            }
            try Connection(path: path).script("PRAGMA user_version = 99")
            let outcome = try await Programs.zos(["up", "--state", node.folder])
            #expect(outcome.status != 0)
            #expect(outcome.output.contains("\(path) has schema 99, this program knows up to"), "\(outcome.output)")
            try Connection(path: path).script("PRAGMA user_version = \(known ?? 0)")
            try await node.up()
        }
    }

    @Test(
        "a full disk refuses new work with a clear text; what runs can be asked, and new work is taken once there is room"
    )
    func fullDisk() async throws {
        let disk = "/tmp/zt-full-\(getpid())"
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let mounted = try Programs.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=48m,mode=711", "zt", disk])
        try #require(mounted.status == 0, "\(mounted.output)")
        defer {
            _ = try? Programs.run("/usr/bin/umount", [disk])
            rmdir(disk)
        }
        try await RunningNode.with(plugins: PluginFolder(["echo"]), folder: disk + "/n") { node in
            let user = try node.user()
            try await node.waitForPlugin("org.zos.echo", "ready")
            let running = try await user.deployed([echo("runs")])
            // Large ones, so that none fits into what the log of the database has already.
            var waiting: [Deployment] = []
            for index in 0..<3 {
                var deployment = try user.deployment([echo("\(index)")])
                deployment.metadata = String(repeating: "m", count: 30_000)
                waiting.append(try await user.contracted(deployment))
            }
            try fill(disk + "/filler")
            var refused: [Deployment] = []
            for deployment in waiting {
                do throws(ClientError) {
                    try await user.client.deploy(deployment)
                } catch {
                    #expect(error.message.contains("the node cannot store the deployment now"), "\(error)")
                    #expect(error.message.contains("full"), "\(error)")
                    refused.append(deployment)
                }
            }
            #expect(!refused.isEmpty)
            let live = try await user.client.deployment(contract: running)
            #expect(live.workloads.map { $0.result.state } == [.ok])
            #expect(try await user.client.deployments().contains { $0.contract == running })
            unlink(disk + "/filler")
            for deployment in refused { try await user.client.deploy(deployment) }
            for deployment in waiting {
                try await user.client.wait(
                    for: [WorkloadGoal("a", .running(version: 0))], contract: deployment.contract,
                    deadline: .seconds(60))
            }
        }
    }

    /// Writes until nothing more fits.
    private func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        for size in [1 << 16, 512, 1] {
            let zeros = [UInt8](repeating: 0, count: size)
            while write(descriptor, zeros, size) > 0 {}
        }
    }
}
