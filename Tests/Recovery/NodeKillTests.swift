import Client
import Deployments
import JSON
import TestNode
import Testing

/// SIGKILL at random moments while deployments come and go: whatever was accepted ends as it should.
@Suite("A node killed at random moments", .serialized)
struct NodeKillTests {
    private let deployments = 20
    private let kills = 6

    @Test(
        "20 deployments, updates and cancels under SIGKILLs: each ends ok or gone, no history entry is missing, nothing is left"
    )
    func randomKills() async throws {
        let (deployments, kills) = (deployments, kills)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        try await RunningNode.with(plugins: PluginFolder(["echo", "zmount"])) { node in
            try await node.waitForPlugin("org.zos.zmount", "ready")
            try await node.waitForPlugin("org.zos.echo", "ready")
            let user = try node.user(patience: .seconds(3))
            let before = node.traces().filter { !$0.hasPrefix("process") }
            let all = try await withThrowingTaskGroup(of: (Int, UInt64)?.self) { group in
                group.addTask {
                    var moments = Moments(seed: seed)
                    for _ in 0..<kills {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 20...600, using: &moments)))
                        try await node.kill()
                        try await node.up()
                    }
                    return nil
                }
                for index in 0..<deployments { group.addTask { (index, try await Self.life(index, user)) } }
                return try await group.reduce(into: [Int: UInt64]()) { all, life in
                    if let (index, contract) = life { all[index] = contract }
                }
            }
            for (index, contract) in all.sorted(by: { $0.key < $1.key }) {
                if index.isMultiple(of: 2) {
                    try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
                } else {
                    try await checkComplete(contract, user)
                    try await user.builder.cancel(contract: contract)
                    try await user.client.waitForRemoval(of: contract, deadline: .seconds(60))
                }
            }
            #expect(try await user.client.deployments().isEmpty)
            #expect(node.traces().filter { !$0.hasPrefix("process") } == before)
        }
    }

    /// Deploys, updates, and for even ones cancels. Each step is asked for until node or ledger say that it is done.
    private static func life(_ index: Int, _ user: NodeUser) async throws -> UInt64 {
        // A new text each time: the ledger may have taken the last one without an answer.
        let first = try await insisting { try await user.contracted(user.deployment(workloads("first"))) }
        try await insisting(until: "exists") { try await user.client.deploy(first) }
        var second = try user.deployment(workloads("second \(index)"), version: 1)
        second.contract = first.contract
        // The disk stays as it is.
        second.workloads[1].version = 0
        try user.sign(&second)
        let update = second
        try await insisting(until: "ContractIsNotUnique") {
            try await user.update(contract: update.contract, hash: update.challenge().hex)
        }
        try await insisting(until: "version") { try await user.client.update(update) }
        guard index.isMultiple(of: 2) else { return first.contract }
        try await insisting(until: "ContractNotExists") { try await user.builder.cancel(contract: first.contract) }
        return first.contract
    }

    private static func workloads(_ text: String) -> [JSONValue] {
        [
            ["name": "a", "type": "echo", "data": ["text": .string("\(text) \(UInt64.random(in: 0...UInt64.max))")]],
            ["name": "d", "type": "zmount", "data": ["size": 65_536]],
        ]
    }

    /// Repeats what failed because the node was away. Done is it also when the answer contains `word`.
    private static func insisting(until word: String, _ body: () async throws -> Void) async throws {
        try await insisting {
            do { try await body() } catch  where "\(error)".contains(word) {}
        }
    }

    private static func insisting<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        let end = ContinuousClock.now + .seconds(90)
        while true {
            do {
                return try await body()
            } catch {
                let isFinal = (error as? ClientError)?.code == .refused && !"\(error)".contains("again")
                guard !isFinal, ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func checkComplete(_ contract: UInt64, _ user: NodeUser) async throws {
        try await user.client.wait(
            for: [WorkloadGoal("a", .running(version: 1)), WorkloadGoal("d", .running(version: 0))],
            contract: contract, deadline: .seconds(60))
        let history = try await user.client.changes(contract: contract)
        // A change in place has one entry, when it is done (docs/spec/deployment.md section 10.6).
        let entries = history.map { "\($0.name) \($0.version) \($0.result.state.rawValue)" }
        #expect(entries.filter { $0.hasPrefix("d") } == ["d 0 init", "d 0 ok"], "contract \(contract)")
        #expect(
            entries.filter { $0.hasPrefix("a") } == ["a 0 init", "a 0 ok", "a 1 ok"], "contract \(contract)"
        )
    }
}

/// SplitMix64: random numbers that a seed repeats.
private struct Moments: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
