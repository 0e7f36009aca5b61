import Foundation
import Hosting
import JSON
import Synchronization
import Testing
import WorkerFixtures

@Suite("PluginWorker", .serialized)
struct PluginWorkerTests {
    private let quick = RestartPolicy(first: .milliseconds(5), longest: .milliseconds(50))

    @Test("a plugin starts, answers and stops in order")
    func startAskStop() async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
        try await worker.start()
        #expect(worker.status.name == "ready" && worker.status.ready?.abi == 2)
        #expect(worker.status.ready?.has(.capacity) == true && worker.status.ready?.has(.update) == false)
        let (reply, _) = try await worker.ask("echo", ["text": "hello"])
        #expect(reply["text"]?.stringValue == "hello")
        await worker.stop()
        #expect(worker.status.name == "stopped")
        await #expect(throws: HostingError.self) { try await worker.ask("echo") }
        try await worker.start()
        #expect(worker.status.name == "ready")
        await worker.stop()
    }

    @Test("the plugin gets the operator's settings and its folders")
    func configuration() async throws {
        let (reply, _) = try await WorkerBench.withWorker(try WorkerBench.plan()) { try await $0.ask("configuration") }
        #expect(reply == ["settings": ["greeting": "hello"], "folders": [:]])
    }

    @Test("messages of many packets pass unchanged in both directions")
    func large() async throws {
        let text = String(repeating: "0123456789abcdef", count: 100_000)
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let (reply, _) = try await worker.ask("echo", ["text": .string(text)])
            #expect(reply["text"]?.stringValue == text)
        }
    }

    @Test("descriptors go there and come back")
    func descriptors() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let pipe = Pipe()
            let copy = OwnedDescriptor(taking: dup(pipe.fileHandleForWriting.fileDescriptor))
            let (_, back) = try await worker.ask("pass", descriptors: [copy, copy])
            #expect(back.count == 2)
            let written = back.last.map { write($0.number, "x", 1) }
            #expect(written == 1)
            #expect(pipe.fileHandleForReading.readData(ofLength: 1) == Data("x".utf8))
        }
    }

    @Test("300 requests at once, answered from other threads, all get their own answer")
    func concurrent() async throws {
        // The test plugin starts a thread per request.
        let plan = try WorkerBench.plan(limits: WorkerLimits(processes: 128))
        try await WorkerBench.withWorker(plan) { worker in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let (reply, _) = try await worker.ask("later", ["ms": 1, "index": .number(JSONNumber(index))])
                        return reply["index"]?.intValue == index
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("a plugin's call reaches the services with plugin and workload, and the answer with descriptors comes back")
    func calls() async throws {
        struct Echo: HostServices {
            let plugin: String
            func serve(_ call: HostCall) async -> HostAnswer {
                guard call.plugin == plugin, call.service == "test.service", call.workload == "7-12-data",
                    call.request == ["a": 1]
                else { return HostAnswer(.invalid, code: "wrong", message: "\(call)") }
                return HostAnswer(["b": 2], descriptors: call.descriptors)
            }
        }
        let plan = try WorkerBench.plan()
        try await WorkerBench.withWorker(plan, services: Echo(plugin: plan.plugin)) { worker in
            let given = OwnedDescriptor(taking: dup(0))
            let (reply, _) = try await worker.ask("call", descriptors: [given])
            #expect(reply == ["status": 0, "descriptors": 1, "answer": ["b": 2]])
        }
    }

    @Test(
        "statuses become errors",
        arguments: [
            (1, HostingError.Code.operationFailed, false), (2, .invalid, false), (3, .unsupported, false),
            (4, .denied, false), (5, .unavailable, true),
        ])
    func statuses(_ status: Int, _ code: HostingError.Code, _ isRetryable: Bool) async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let error = await #expect(throws: HostingError.self) {
                try await worker.ask("refuse", ["status": .number(JSONNumber(status))])
            }
            #expect(error?.code == code && error?.message == "not today" && error?.isRetryable == isRetryable)
        }
    }

    @Test("a reply beyond 4 MiB becomes an error of that request alone")
    func tooLarge() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            let error = await #expect(throws: HostingError.self) { try await worker.ask("too large") }
            #expect(error?.code == .operationFailed)
            _ = try await worker.ask("echo")
        }
    }

    @Test("after a crash open requests fail as retryable, and the plugin comes up again by itself")
    func restart() async throws {
        let prepared = Mutex(0)
        let worker = PluginWorker(
            try WorkerBench.plan(), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log,
            restarts: quick
        ) { session in
            _ = try await session.request(.initialize, payload: ["do": "echo"])
            prepared.withLock { $0 += 1 }
        }
        try await worker.start()
        async let other = worker.ask("later", ["ms": 10000])
        let error = await #expect(throws: HostingError.self) { try await worker.ask("segv") }
        #expect(error?.code == .notRunning && error?.isRetryable == true)
        do {
            _ = try await other
            Issue.record("the other request was answered")
        } catch let error as HostingError { #expect(error.isRetryable) }
        while worker.status.restarts < 1 || worker.status.name != "ready" { await Task.yield() }
        _ = try await worker.ask("echo")
        #expect(worker.status.restarts == 1 && prepared.withLock { $0 } == 2)
        await worker.stop()
    }

    @Test("five failures in a row open the breaker; reason and next attempt are visible")
    func breaker() async throws {
        let policy = RestartPolicy(first: .milliseconds(1), longest: .seconds(100), breaker: 5)
        let worker = PluginWorker(
            try WorkerBench.plan(["CRASHES_IN_START"]), launcher: WorkerBench.launcher, services: NoServices(),
            log: WorkerBench.log, restarts: policy)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(error?.isRetryable == true)
        while worker.status.restarts < 5 { await Task.yield() }
        guard case .failed(let failure, let retryAt?) = worker.status.state else {
            Issue.record("\(worker.status)")
            return await worker.stop()
        }
        #expect(failure.kind == .crashed && retryAt - .now > .seconds(50))
        #expect(worker.status.name == "broken" && worker.status.failures == 5)
        let refusal = await #expect(throws: HostingError.self) { try await worker.ask("echo") }
        #expect(refusal?.hint?.contains("next start") == true && refusal?.message.contains("signal 11") == true)
        await worker.stop()
        #expect(worker.status.name == "stopped")
    }

    @Test("a request that is not answered ends at its deadline, and only that request")
    func hang() async throws {
        try await WorkerBench.withWorker(try WorkerBench.plan()) { worker in
            async let beside = worker.ask("later", ["ms": 1500])
            let began = ContinuousClock.now
            let error = await #expect(throws: HostingError.self) {
                try await worker.ask("nothing", within: .milliseconds(300))
            }
            #expect(error?.code == .deadlineExceeded && error?.isRetryable == true)
            #expect(ContinuousClock.now - began < .seconds(5))
            _ = try await worker.ask("echo")
            #expect(try await beside.0["ms"]?.intValue == 1500)
            #expect(worker.status.name == "ready" && worker.status.restarts == 0)
        }
    }

    @Test("a plugin that is stuck is killed 5 s after a deadline")
    func stuck() async throws {
        let restarts = RestartPolicy(first: .seconds(100))
        try await WorkerBench.withWorker(try WorkerBench.plan(), restarts: restarts) { worker in
            let error = await #expect(throws: HostingError.self) {
                try await worker.ask("loop", within: .milliseconds(300))
            }
            #expect(error?.code == .deadlineExceeded)
            let failure = try await worker.failure()
            #expect(failure.kind == .deadlineExceeded && failure.message.contains("nor a ping"), "\(failure)")
        }
    }

    @Test("a plugin that leaves many requests unanswered is killed")
    func manyLate() async throws {
        let plan = try WorkerBench.plan(limits: WorkerLimits(calls: 4))
        try await WorkerBench.withWorker(plan, restarts: RestartPolicy(first: .seconds(100))) { worker in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { _ = try? await worker.ask("nothing", within: .milliseconds(200)) } }
            }
            let failure = try await worker.failure()
            #expect(failure.kind == .deadlineExceeded && failure.message.contains("2 requests"), "\(failure)")
        }
    }

    @Test("calls beyond the manifest's limit wait in the worker, and hurt nobody")
    func callsWait() async throws {
        let services = CountingServices()
        let plan = try WorkerBench.plan(limits: WorkerLimits(calls: 3))
        try await WorkerBench.withWorker(plan, services: services) { worker in
            _ = try await worker.ask("calls", ["n": 40])
            while services.total < 40 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(services.most <= 3 && worker.status.name == "ready")
        }
    }

    @Test("calls of many threads reach the core in the order of their ids")
    func callsOfThreads() async throws {
        let services = CountingServices()
        try await WorkerBench.withWorker(try WorkerBench.plan(), services: services) { worker in
            for round in 1...300 {
                _ = try await worker.ask("calls of threads")
                while services.total < round * 64, worker.status.name == "ready" {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            #expect(worker.status.name == "ready" && services.total == 300 * 64)
        }
    }

    @Test("a plugin that hangs while it starts is killed at the start deadline")
    func hangInStart() async throws {
        let plan = try WorkerBench.plan(["HANGS_IN_START"], limits: WorkerLimits(start: .milliseconds(500)))
        let worker = PluginWorker(
            plan, launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(error?.code == .startFailed)
        await worker.stop()
    }

    @Test("stopping lets open requests finish")
    func drain() async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
        try await worker.start()
        async let slow = worker.ask("later", ["ms": 200])
        _ = try await worker.ask("echo")
        await worker.stop(grace: .seconds(10))
        #expect(try await slow.0["ms"]?.intValue == 200)
    }

    @Test(
        "an object that cannot be the plugin is refused with both sides named, and not tried again",
        arguments: [
            (["PLUGIN_ABI=9"], "speaks ABI 9, this node speaks 1"),
            (["REFUSES_EVERY_ABI"], "speaks no ABI version that it tells, this node speaks 1–2"),
            (["PLUGIN_ID=\"somebody.else\""], "calls itself somebody.else"), (["NO_ENTRY"], "zos_plugin_entry"),
            (["PLUGIN_VERSION=\"2.0.0\""], "2.0.0"),
        ])
    func incompatible(_ macros: [String], _ text: String) async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(macros), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log,
            restarts: quick)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(
            error?.code == .incompatibleABI && error?.message.contains(text) == true, "\(String(describing: error))")
        guard case .failed(_, nil) = worker.status.state else {
            Issue.record("\(worker.status)")
            return await worker.stop()
        }
        await worker.stop()
    }

    @Test("bytes that are no shared object are refused")
    func noObject() async throws {
        var plan = try WorkerBench.plan()
        plan.object = Array("not an object".utf8)
        let worker = PluginWorker(
            plan, launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log, restarts: quick)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(error?.code == .incompatibleABI)
        await worker.stop()
    }

    @Test("a start that says no is tried again")
    func startFails() async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(["FAILS_TO_START"]), launcher: WorkerBench.launcher, services: NoServices(),
            log: WorkerBench.log, restarts: quick)
        let error = await #expect(throws: HostingError.self) { try await worker.start() }
        #expect(error?.code == .startFailed && error?.isRetryable == true)
        while worker.status.restarts < 2 { await Task.yield() }
        await worker.stop()
    }
}
