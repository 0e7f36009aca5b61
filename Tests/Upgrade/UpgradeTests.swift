import Foundation
import JSON
import Synchronization
import TestNode
import Testing

/// Plugins are installed, upgraded, taken back and removed while workloads run. About 60 s.
@Suite("Upgrades with workloads running", .serialized)
struct UpgradeTests {
    private static let id = VersionedPlugin.id

    private static func workloads(_ count: Int, _ prefix: String = "w") -> [JSONValue] {
        (0..<count).map { ["name": .string("\(prefix)\($0)"), "type": .string(VersionedPlugin.type), "data": [:]] }
    }

    @Test(
        "upgrade of a plugin with 100 live workloads: none is interrupted, every state is migrated, the journal shows it"
    )
    func hundred() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        try await RunningNode.with(plugins: VersionedPlugin.first()) { node in
            let user = try node.user()
            var contracts: [UInt64] = []
            for number in 0..<5 { contracts.append(try await user.deployed(Self.workloads(20, "d\(number)w"))) }
            let second = try versions.add("2.0.0", state: (2, [1]))
            let pings = Pings()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        // Any refusal or silence would be an interruption: it throws.
                        while !pings.isOver.withLock({ $0 }), !Task.isCancelled {
                            let answer = try await user.client.call("test.versioned.ping")
                            pings.answers.withLock { $0.append(answer) }
                        }
                    }
                }
                let outcome = try await node.plugin("install", second, "--sign", "--canary", "1")
                #expect(outcome.status == 0 && outcome.json["outcome"]?.stringValue == "upgraded", "\(outcome)")
                pings.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            #expect(try await node.servingVersion() == "2.0.0")
            let heard = pings.answers.withLock { $0 }
            #expect(heard.allSatisfy { $0["workloads"]?.intValue == 100 && $0["states"]?.intValue == 100 })
            let order = heard.compactMap { $0["version"]?.stringValue }
            #expect(order.contains("1.0.0"))
            print("upgrade: \(heard.count) calls answered meanwhile, none refused")
            let change = try #require(try await node.history().last)
            #expect(change["phase"]?.stringValue == "done" && change["kind"]?.stringValue == "upgrade")
            let steps = (change["steps"]?.arrayValue ?? []).map {
                "\($0["step"]?.stringValue ?? "") \($0["kind"]?.stringValue ?? "")"
            }
            #expect(
                steps == [
                    "stage intent", "stage effect", "start intent", "start effect", "migrate intent", "migrate effect",
                    "canary intent", "canary result", "switch intent", "switch effect", "package intent",
                    "package result",
                ])
            // The next start loads what was installed, and finds the workloads as they were.
            try await node.stop()
            try await node.up(.asInstalled)
            try await node.waitForPlugin(Self.id, "ready")
            #expect(try await node.servingVersion() == "2.0.0")
            for contract in contracts {
                let deployment = try await node.user().client.deployment(contract: contract)
                #expect(deployment.json.contains("\"state\":\"ok\""))
            }
        }
    }

    @Test("a broken version is taken back within 5 s, the old one goes on, and the journal says why")
    func broken() async throws {
        let faults = [
            ("CRASHES_IN_START", "signal"), ("IS_ILL", "I am not well"), ("DIES_IN_HEALTH", "signal"),
            ("TRAPS_IN_MIGRATE", "signal"), ("HANGS_IN_MIGRATE", "time"), ("HANGS_IN_HEALTH", "time"),
            ("KEEPS_THE_OLD_FORM", "state"), ("FAILS_IN_RECOVER", "it is not there"),
        ]
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        try await RunningNode.with(plugins: VersionedPlugin.first()) { node in
            _ = try await node.user().deployed(Self.workloads(3))
            for (index, (fault, reason)) in faults.enumerated() {
                let folder = try versions.add("2.0.\(index)", state: (2, [1]), faults: [fault])
                let start = ContinuousClock.now
                let outcome = try await node.plugin("install", folder, "--sign")
                let duration = ContinuousClock.now - start
                print("\(fault): taken back after \(duration)")
                let message = outcome.json["error"]?["message"]?.stringValue ?? ""
                #expect(outcome.status == 1 && message.contains(reason), "\(fault): \(outcome)")
                #expect(duration < .seconds(5), "\(fault) took \(duration)")
                #expect(try await node.servingVersion() == "1.0.0")
                let change = try #require(try await node.history().last)
                #expect(change["phase"]?.stringValue == "rolled_back")
                let last = change["steps"]?.arrayValue?.last
                #expect(last?["step"]?.stringValue == "rollback")
                #expect(last?["detail"]?["reason"]?.stringValue?.contains(reason) == true)
            }
            let list = try await node.plugin("list").json["plugins"]?.arrayValue ?? []
            #expect(list.map { $0["version"]?.stringValue } == ["1.0.0"])
            let copies = try FileManager.default.contentsOfDirectory(
                atPath: "\(node.folder)/plugins/installed/\(Self.id)")
            #expect(copies.count == 2, "a record and one copy: \(copies)")
        }
    }

    @Test("a core that is killed at any step of an upgrade takes it back before the commit and finishes it afterwards")
    func killed() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        try await RunningNode.with(plugins: VersionedPlugin.first(), options: ["--unsafe-faults"]) { node in
            let contract = try await node.user().deployed(Self.workloads(3))
            let folder = try versions.add("2.0.0", state: (2, [1]))
            var seen: [String] = []
            for place in 1... {
                let farmer = try node.user("farmer")
                _ = try await farmer.client.call(
                    "zos.unsafe.faults.watch",
                    ["plugin": .string("change of \(Self.id)"), "at": .number(JSONNumber(place))])
                async let installing = node.plugin("install", folder, "--sign", "--canary", "0")
                let held = try await Self.heldPlace(farmer)
                guard let held else {
                    let outcome = try await installing
                    #expect(outcome.status == 0, "\(outcome)")
                    break
                }
                seen.append(held)
                try await node.kill()
                _ = try? await installing
                try await node.up(.asInstalled)
                try await node.waitForPlugin(Self.id, "ready")
                let change = try #require(try await node.history().last)
                let isCommitted = [
                    "change switch effect", "change package intent", "change package effect", "change ended",
                ]
                .contains(held)
                #expect(try await node.servingVersion() == (isCommitted ? "2.0.0" : "1.0.0"), "killed at \(held)")
                #expect(change["phase"]?.stringValue == (isCommitted ? "done" : "rolled_back"), "killed at \(held)")
                let ping = try await node.user().client.call("test.versioned.ping")
                #expect(ping["states"]?.intValue == 3)
                let deployment = try await node.user().client.deployment(contract: contract)
                #expect(!deployment.json.contains("\"state\":\"error\""))
                if isCommitted {
                    // Back to the beginning for the next place.
                    _ = try await node.plugin(
                        "install", try versions.add("1.0.0", state: (1, [2])), "--sign", "--downgrade")
                    #expect(try await node.servingVersion() == "1.0.0")
                }
            }
            print("killed at \(seen.count) places: \(seen)")
            #expect(seen.count >= 13)
        }
    }

    /// Where the node is held; nil when the change ended without.
    private static func heldPlace(_ farmer: NodeUser) async throws -> String? {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let state = try await farmer.client.call("zos.unsafe.faults.state")
            if let held = state["held"]?.stringValue { return held }
            let passed = (state["passed"]?.arrayValue ?? []).compactMap(\.stringValue)
            if passed.last == "change ended" { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Programs.Failure("the change neither ended nor was held")
    }

    @Test("downgrade only when asked, and only to a version that can read the states")
    func downgrade() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        let second = VersionedPlugin(folder: try PluginFolder([]))
        try second.add("2.0.0", state: (2, []))
        try await RunningNode.with(plugins: second.folder) { node in
            _ = try await node.user().deployed(Self.workloads(1))
            let blind = try versions.add("1.0.0")
            let unasked = try await node.plugin("install", blind, "--sign")
            #expect(
                unasked.status == 2
                    && unasked.json["error"]?["message"]?.stringValue?.contains("older than 2.0.0") == true)
            let unreadable = try await node.plugin("install", blind, "--sign", "--downgrade")
            #expect(
                unreadable.json["error"]?["message"]?.stringValue?.contains("cannot read states of version 2") == true)
            let able = try versions.add("1.1.0", state: (1, [2]))
            let asked = try await node.plugin("install", able, "--sign", "--downgrade", "--canary", "0")
            #expect(asked.json["outcome"]?.stringValue == "downgraded", "\(asked)")
            #expect(try await node.servingVersion() == "1.1.0")
        }
    }

    @Test("a plugin is installed and removed while the node runs; with live workloads it is refused with their list")
    func liveRemoval() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        try await RunningNode.with(plugins: PluginFolder([])) { node in
            let user = try node.user()
            let first = try versions.add("1.0.0", types: ["versioned", "versioned-other"])
            let installed = try await node.plugin("install", first, "--sign", "--canary", "0")
            #expect(installed.json["outcome"]?.stringValue == "installed", "\(installed)")
            let contract = try await user.deployed(Self.workloads(2))
            let refused = try await node.plugin("remove", Self.id)
            let message = refused.json["error"]?["message"]?.stringValue ?? ""
            #expect(refused.status == 2)
            #expect(message.contains("\(user.twin)-\(contract)-w0, \(user.twin)-\(contract)-w1"), "\(message)")
            let without = try versions.add("2.0.0", types: ["versioned-other"])
            let dropping = try await node.plugin("install", without, "--sign")
            #expect(dropping.json["error"]?["message"]?.stringValue?.contains("-w0") == true, "\(dropping)")
            try await user.builder.cancel(contract: contract)
            try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
            let removed = try await node.plugin("remove", Self.id)
            #expect(removed.json["outcome"]?.stringValue == "removed", "\(removed)")
            #expect(try await node.plugin("list").json["plugins"]?.arrayValue?.isEmpty == true)
            await #expect(throws: (any Error).self) { _ = try await node.servingVersion() }
            let phases = try await node.history().map { $0["phase"]?.stringValue }
            #expect(phases == ["done", "done"])
        }
    }

    @Test("an operation that runs while the version changes ends on the old version, and its state is migrated later")
    func running() async throws {
        let versions = VersionedPlugin(folder: try PluginFolder([]))
        try await RunningNode.with(plugins: VersionedPlugin.first()) { node in
            let user = try node.user()
            async let slow = user.deployed([
                ["name": "w", "type": .string(VersionedPlugin.type), "data": ["slow": true]]
            ])
            try await eventually("it is being provisioned") { try await !user.client.deployments().isEmpty }
            let outcome = try await node.plugin(
                "install", try versions.add("2.0.0", state: (2, [1])), "--sign", "--canary", "0")
            #expect(outcome.status == 0, "\(outcome)")
            let contract = try await slow
            let made = try await user.client.deployment(contract: contract).json
            #expect(made.contains(#""by":"1.0.0""#) || made.contains(#""by":"2.0.0""#))
            #expect(try await node.servingVersion() == "2.0.0")
            try await user.builder.cancel(contract: contract)
            try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
        }
    }
}

/// What is answered to those who ask all the time.
private final class Pings: Sendable {
    let isOver = Mutex(false)
    let answers = Mutex<[JSONValue]>([])
}
