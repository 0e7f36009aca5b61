import Baseline
import CHost
import Foundation
import Hosting
import JSON
import Logging
import Synchronization

/// The part of a node that provisions networks: the packed plugin in its worker, real brokers, real companions.
struct NetworkNode {
    private let worker: PluginWorker
    private let runner: CompanionRunner
    private let brokers: Brokers
    private let launcher: WorkerLauncher
    private let registry = SubjectRegistry()
    private let manifest: Manifest
    private let services: TimedServices
    private let group = "zos-bench-\(getpid())"

    /// Median of a provision, and per broker service the median of what one provision spends there.
    static func measure(_ folder: String, rounds: Int) async throws -> JSONObject {
        let node = try NetworkNode(folder)
        let loop = Task { [runner = node.runner] in await runner.run() }
        defer { node.removeGroups() }
        do {
            try await node.worker.start()
            let figures = try await node.provision(rounds)
            await node.close(loop)
            return figures
        } catch {
            await node.close(loop)
            throw error
        }
    }

    private init(_ folder: String) throws {
        let package = Program.plugins + "/network"
        manifest = try Manifest(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: package + "/plugin.json"))))
        for name in ["run", "state", "netns"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let users = Mutex<UInt32>(910_000)
        runner = try CompanionRunner(
            CompanionConfiguration(
                shim: Program.folder + "/zos-shim", folder: "\(folder)/companions", cgroup: "\(group)/companions",
                rootPolicy: .refused),
            users: {
                users.withLock { user in
                    user += 1
                    return user
                }
            }, log: quiet)
        brokers = try Brokers(
            BrokerConfiguration(
                node: 1, state: "\(folder)/state", run: "\(folder)/run", namespaces: "\(folder)/netns"),
            registry: registry, companions: runner, log: quiet)
        let base: UInt32 = 3_000_000
        let namespace = zos_userns_new(base, 65_536)
        guard namespace >= 0 else { throw BenchError("no user namespace: \(String(cString: strerror(-namespace)))") }
        let owned = OwnedDescriptor(taking: namespace)
        var entitlements: [String: JSONValue] = [:]
        for entitlement in manifest.entitlements { entitlements[entitlement.name] = entitlement.parameters }
        brokers.register(
            PluginRights(
                plugin: manifest.id, entitlements: entitlements, companions: manifest.companions, userNamespace: owned))
        launcher = try WorkerLauncher(
            .init(executable: Program.folder + "/zos-worker", groupPrefix: "\(group)/workers"),
            supervisor: NotificationSupervisor())
        services = TimedServices(brokers)
        let plan = WorkerPlan(
            plugin: manifest.id, version: "\(manifest.version)",
            object: [UInt8](try Data(contentsOf: URL(fileURLWithPath: package + "/plugin.so"))),
            policy: manifest.sandbox, identity: .userNamespace(owned, base: base))
        worker = PluginWorker(plan, launcher: launcher, services: services, log: quiet)
    }

    private func provision(_ rounds: Int) async throws -> JSONObject {
        var durations: [UInt64] = []
        for round in 0...rounds {
            let subject = NetworkSample(number: UInt32(round + 1)).subject
            registry.record(subject, of: manifest.id)
            services.isCounting.store(round > 0, ordering: .relaxed)
            let started = bench_now()
            _ = try await worker.request(.provision, payload: ["subject": subject.json, "paused": false])
            // The first one also fills caches.
            if round > 0 { durations.append(bench_now() - started) }
            services.isCounting.store(false, ordering: .relaxed)
            _ = try await worker.request(.deprovision, payload: ["subject": subject.json])
            registry.remove(subject.id)
        }
        var parts = JSONObject()
        for (name, nanoseconds) in services.totals {
            parts[name] = .number(JSONNumber(Int64(nanoseconds) / Int64(rounds)))
        }
        return ["provision": .number(JSONNumber(Int64(Samples(durations).median))), "services": .object(parts)]
    }

    private func close(_ loop: Task<Void, Never>) async {
        await brokers.sweep(known: [])
        await worker.stop(grace: .seconds(1))
        launcher.close()
        loop.cancel()
        await loop.value
    }

    private func removeGroups() {
        for root in (try? FileManager.default.contentsOfDirectory(atPath: "/sys/fs/cgroup")) ?? [] {
            for part in ["/companions", "/workers", ""] { rmdir("/sys/fs/cgroup/\(root)/\(group)\(part)") }
        }
    }
}

/// The brokers, with a clock at each call.
private final class TimedServices: HostServices {
    let isCounting = Atomic<Bool>(false)
    private let brokers: Brokers
    private let spent = Mutex<[String: UInt64]>([:])

    init(_ brokers: Brokers) { self.brokers = brokers }

    var totals: [(String, UInt64)] { spent.withLock { $0.sorted { $0.value > $1.value } } }

    func serve(_ call: HostCall) async -> HostAnswer {
        let started = bench_now()
        let answer = await brokers.serve(call)
        let duration = bench_now() - started
        if isCounting.load(ordering: .relaxed) { spent.withLock { $0[call.service, default: 0] += duration } }
        return answer
    }
}
