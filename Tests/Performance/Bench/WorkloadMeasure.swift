import Baseline
import Deployments
import Foundation
import Hosting
import Logging
import Provisioning
import WorkerFixtures

/// Workloads of a type that does nothing, each a signed deployment of its own, through the engine, its database, the plugin host and
/// the sandboxed sample `echo`: all sent at once, against each sent when the one before it is provisioned. Without bus and ledger.
enum WorkloadMeasure {
    private static let callers = 50
    private static let perCaller = 20
    private static var count: Int { callers * perCaller }
    private static let patience = Duration.seconds(120)

    static func take() async throws -> [Measurement] {
        try await TemporaryFolder.with("workloads") { folder in
            let package = try BenchPlugins.echo(in: folder)
            let clients = try (0..<callers).map {
                try DeploymentClient(
                    twin: UInt32($0 + 10), deployments: perCaller, type: "echo", data: ["text": "nothing to do"])
            }
            let host = PluginHost(
                plugins: [
                    RunnablePlugin(package: package, plan: BenchPlugins.plan(package), services: NoServices())
                ], trust: TrustPolicy(trusting: package.publisher.key, name: "bench"), reservedCommands: [],
                refused: [],
                launcher: WorkerBench.launcher, registry: SubjectRegistry(), companions: nil, preparation: .none,
                log: WorkerBench.log)
            await host.start()
            let outcome: Result<(UInt64, UInt64), any Error>
            do {
                let serial = try await deployed(clients, host, folder + "/serial.db", atOnce: false)
                outcome = .success((try await deployed(clients, host, folder + "/beside.db", atOnce: true), serial))
            } catch {
                outcome = .failure(error)
            }
            await host.stop()
            let (beside, serial) = try outcome.get()
            return [measurement(Double(beside), Double(serial))]
        }
    }

    private static func measurement(_ beside: Double, _ serial: Double) -> Measurement {
        Measurement(
            name: "\(count) workloads",
            meaning: "deployed side by side until all are ok ÷ deployed one after the other",
            ratio: beside / serial, aim: .atMost(0.5),
            figures: [
                .init("side by side", beside.milliseconds, "ms"),
                .init("one after the other", serial.milliseconds, "ms"),
                .init("side by side, workloads", Double(count) / (beside / 1e9), "/s"),
                .init("one after the other, each", serial.milliseconds / Double(count), "ms"),
            ])
    }

    /// Nanoseconds until all workloads are provisioned and the result is on disk, with an engine of its own.
    private static func deployed(
        _ clients: [DeploymentClient], _ host: PluginHost, _ path: String, atOnce: Bool
    ) async throws -> UInt64 {
        let gate = BenchGate(hashes: Dictionary(uniqueKeysWithValues: clients.flatMap(\.hashes)))
        let keys = BusServer.Keys(keys: Dictionary(uniqueKeysWithValues: clients.map { ($0.twin, $0.key.publicKey) }))
        let (steps, stored) = AsyncStream.makeStream(of: Void.self)
        let settings = EngineSettings(
            node: 1, admission: MemoryAdmission(total: 64 << 30), memoryInUse: { 0 },
            now: { Int64(Date().timeIntervalSince1970) }, typeOrder: ["echo"], stored: { _, _ in stored.yield() })
        let engine = Engine(
            store: try DeploymentStore(path: path), host: host, gate: gate, settings: settings, log: WorkerBench.log)
        try await engine.load()
        let running = Task { await engine.run() }
        let limit = Task {
            try await Task.sleep(for: patience)
            stored.finish()
        }
        let started = bench_now()
        let outcome: Result<Void, any Error>
        do {
            if atOnce {
                try await all(clients, engine, keys, steps)
            } else {
                var step = steps.makeAsyncIterator()
                for client in clients {
                    for text in client.texts {
                        try await engine.deploy(text, caller: client.twin, keys: keys)
                        guard await step.next() != nil else { throw BenchError("a workload is not provisioned") }
                    }
                }
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let duration = bench_now() - started
        running.cancel()
        limit.cancel()
        _ = await limit.result
        let ready = await engine.figures().workloads
        await running.value
        try outcome.get()
        guard ready == count else { throw BenchError("\(ready) workloads of \(count) are ok") }
        return duration
    }

    /// Sends everything at once and waits for the last result.
    private static func all(
        _ clients: [DeploymentClient], _ engine: Engine, _ keys: BusServer.Keys, _ steps: AsyncStream<Void>
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients {
                for text in client.texts {
                    group.addTask { try await engine.deploy(text, caller: client.twin, keys: keys) }
                }
            }
            try await group.waitForAll()
        }
        var step = steps.makeAsyncIterator()
        for number in 0..<count where await step.next() == nil {
            throw BenchError("only \(number) workloads of \(count) are provisioned")
        }
    }
}
