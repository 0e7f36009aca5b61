import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

@Suite("PluginWorker", .serialized)
struct PluginWorkerTests {
    @Test("a plugin starts, answers and stops in order")
    func startAskStop() async throws {
        let worker = PluginWorker(
            try WorkerBench.plan(), launcher: WorkerBench.launcher, services: NoServices(), log: WorkerBench.log)
        try await worker.start()
        #expect(worker.status.name == "ready" && worker.status.ready?.abi == 1)
        #expect(worker.status.ready?.has(.capacity) == true && worker.status.ready?.has(.update) == false)
        let (reply, _) = try await worker.ask("echo", ["text": "hello"])
        #expect(reply["text"]?.stringValue == "hello")
        await worker.stop()
        #expect(worker.status.name == "stopped")
    }
}
