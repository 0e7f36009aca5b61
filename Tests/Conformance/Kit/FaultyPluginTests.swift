import CLI
import Foundation
import PluginTesting
import Testing

/// The kit finds what is wrong, and finds nothing where nothing is.
@Suite("The conformance kit over plugins with one fault each", .serialized)
struct FaultyPluginTests {
    /// A macro of `kept.c`, and the case that must find it.
    static let faults = [
        ("FAULT_LEAK", "leak.cancel"),
        ("FAULT_TWICE", "idempotency.provision"),
        ("FAULT_RESULT", "idempotency.provision"),
        ("FAULT_GONE", "idempotency.deprovision"),
        ("FAULT_EXPORT", "contract.exports"),
        ("FAULT_UPDATE", "contract.abilities"),
        ("FAULT_DESCRIPTORS", "leak.descriptors"),
        ("FAULT_CRASH", "schema.hostile"),
    ]

    @Test("a plugin with one fault fails the case that is about it", arguments: faults)
    func finds(_ fault: String, _ id: String) async throws {
        let plugin = try KeptPlugin(fault: fault)
        let report = try await Self.trial(plugin, cases: ["contract.deploy", id])
        #expect(!report.hasPassed)
        // An export that was not declared fails the workload already.
        #expect(report.results.map(\.hasFailed) == [fault == "FAULT_EXPORT", true], "\(report.text)")
    }

    @Test("a plugin that needs a forbidden system call does not deploy, and the report says what it did")
    func violation() async throws {
        let plugin = try KeptPlugin(fault: "FAULT_SOCKET")
        let report = try await Self.trial(plugin, cases: ["contract.deploy", "sandbox.quiet"], patience: .seconds(8))
        #expect(report.results.map(\.hasFailed) == [true, true], "\(report.text)")
        #expect(report.text.contains("socket"), "\(report.text)")
    }

    @Test("a plugin that cannot go on with what it has half done fails, with the point at which it was killed")
    func half() async throws {
        let plugin = try KeptPlugin(fault: "FAULT_TWICE")
        let report = try await Self.trial(plugin, cases: ["recovery.*-points"])
        // It asks the node for nothing, so that its own death finds it either unasked or done.
        #expect(report.results.map(\.hasFailed) == [false, true], "\(report.text)")
        // A core that comes back looks at everything that is there, also behind a job that was interrupted.
        #expect(report.text.contains("update, the core killed at point 1, 'update asked'"), "\(report.text)")
    }

    @Test("the same plugin without a fault passes every case, and its next version takes over")
    func passes() async throws {
        let (plugin, next) = (try KeptPlugin(), try KeptPlugin(version: "1.1.0"))
        let report = try await Self.trial(plugin, next: next.path)
        #expect(report.hasPassed, "\(report.text)")
        #expect(report.results.count == ConformanceKit.catalogue.count)
    }

    private static func trial(
        _ plugin: KeptPlugin, cases: [String] = [], next: String? = nil, patience: Duration = .seconds(60)
    ) async throws -> ConformanceReport {
        var settings = ConformanceSettings()
        settings.cases = cases
        settings.patience = patience
        return try await PluginTrial(folder: plugin.path, others: [], next: next, settings: settings).run()
    }
}
