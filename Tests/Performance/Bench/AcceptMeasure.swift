import Baseline
import Deployments
import Foundation
import JSON
import Logging
import Provisioning
import SQLite
import Signatures

/// Deployments accepted and on disk per second, sent by many callers at once, against what one writer commits alone.
enum AcceptMeasure {
    private static let callers = 64
    private static let perCaller = 40

    static func take() async throws -> [Measurement] {
        try await TemporaryFolder.with("accept") { folder in
            let raw = try commits(folder)
            let resting = try await accepted(folder + "/resting.db", works: false)
            let working = try await accepted(folder + "/working.db", works: true)
            let again = try commits(folder)
            let bare = (raw + again) / 2
            return [
                Measurement(
                    name: "acceptance",
                    meaning: "durable deployments accepted per second ÷ SQLite FULL commits per second",
                    ratio: resting / bare, aim: .atLeast(1),
                    figures: [
                        .init("accepted, \(callers) callers in process", resting, "/s"),
                        .init("accepted while their workloads are run too", working, "/s"),
                        .init("commits of one row, one after the other", bare, "/s"),
                    ])
            ]
        }
    }

    private static func commits(_ folder: String) throws -> Double {
        let connection = try Connection(path: "\(folder)/raw.db")
        try connection.script("CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, text TEXT)")
        let rounds = 500
        let started = bench_now()
        for _ in 0..<rounds {
            try connection.transaction { try $0.execute("INSERT INTO raw (text) VALUES (?)", "one row") }
        }
        return Double(rounds) / (Double(bench_now() - started) / 1e9)
    }

    private static func accepted(_ path: String, works: Bool) async throws -> Double {
        let clients = try (0..<callers).map {
            try DeploymentClient(
                twin: UInt32($0 + 10), deployments: perCaller, type: "thing", data: ["size": 1_073_741_824])
        }
        let gate = BenchGate(hashes: Dictionary(uniqueKeysWithValues: clients.flatMap(\.hashes)))
        let keys = BusServer.Keys(keys: Dictionary(uniqueKeysWithValues: clients.map { ($0.twin, $0.key.publicKey) }))
        let settings = EngineSettings(
            node: 1, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 },
            now: { Int64(Date().timeIntervalSince1970) }, typeOrder: ["thing"])
        let engine = Engine(
            store: try DeploymentStore(path: path), host: InstantHost(), gate: gate, settings: settings,
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        try await engine.load()
        let running = works ? Task { await engine.run() } : nil
        let started = bench_now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients {
                group.addTask {
                    for text in client.texts { try await engine.deploy(text, caller: client.twin, keys: keys) }
                }
            }
            try await group.waitForAll()
        }
        let seconds = Double(bench_now() - started) / 1e9
        running?.cancel()
        await running?.value
        return Double(callers * perCaller) / seconds
    }
}
