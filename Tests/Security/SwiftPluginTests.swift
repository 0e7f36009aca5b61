import Foundation
import Hosting
import JSON
import Testing
import WorkerFixtures

@Suite("a plugin in Swift", .serialized)
struct SwiftPluginTests {
    @Test("its runtime, with tasks, lives with the basic set of system calls and without capabilities")
    func basicSet() async throws {
        let folder = URL(fileURLWithPath: WorkerBench.worker).deletingLastPathComponent()
        let object = try [UInt8](Data(contentsOf: folder.appendingPathComponent("libplugin-echo.so")))
        let plan = WorkerPlan(
            plugin: "org.zos.echo", version: "1.0.0", object: object, policy: SandboxPolicy(),
            identity: .user(WorkerBench.user()))
        try await WorkerBench.withWorker(plan) { worker in
            for _ in 0..<50 {
                let subject = Subject(
                    id: "1-1-e", twin: 1, contract: 1, name: "e", type: "echo", version: 0, data: ["text": "hello"])
                let (outcome, _) = try await worker.request(
                    .provision, payload: ["subject": subject.json, "paused": false])
                #expect(outcome["outcome"]?.stringValue == "ready", "\(outcome.text)")
            }
        }
    }
}
