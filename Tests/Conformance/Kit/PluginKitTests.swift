import CLI
import PluginTesting
import TestNode
import Testing

/// Every plugin of this repository passes the kit. At a small scale here: few kills per operation and victim, spread over its points, in the
/// first example; machines, which take seconds each, without the cases that need many of them. `make conformance` leaves nothing out.
@Suite("Plugins of this repository in the conformance kit", .serialized)
struct PluginKitTests {
    @Test("passes every case", arguments: ["echo", "volume", "zmount", "network", "publicip"])
    func passes(_ name: String) async throws {
        let report = try await Self.trial(name, points: 2)
        #expect(report.hasPassed, "\(report.text)")
        #expect(report.results.count == ConformanceKit.catalogue.count)
    }

    @Test("a machine passes the cases for which few machines have to be made")
    func machine() async throws {
        let cases = [
            "contract.deploy", "contract.pause", "schema.refuses", "idempotency.provision", "leak.cancel", "recovery.*",
            "sandbox.quiet", "upgrade.*",
        ]
        let report = try await Self.trial("zmachine", points: 1, cases: cases)
        #expect(report.hasPassed, "\(report.text)")
        #expect(report.results.count == 12)
    }

    private static func trial(_ name: String, points: Int, cases: [String] = []) async throws -> ConformanceReport {
        let plugins = try Programs.plugins()
        var settings = ConformanceSettings()
        settings.points = points
        settings.cases = cases
        settings.patience = .seconds(120)
        let report = try await PluginTrial(folder: "\(plugins)/\(name)", others: [plugins], settings: settings).run()
        print(report.summary)
        return report
    }
}
