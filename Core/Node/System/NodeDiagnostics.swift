import Contracts
import Hosting
import JSON
import Provisioning

/// Whether the parts of the node answer, in the shape of `zos.system.diagnostics` (docs/spec/node-api.md section 6).
///
/// The parts are those that this node has: `node`, `identityd` (identity and ledger), `storage`, `network`, `provision`, and
/// one for each plugin, by its id.
struct NodeDiagnostics: Sendable {
    let host: any CommandHost
    let engine: Engine
    let ledger: any Ledger
    let board: PerformanceBoard
    let pool: String
    /// Unix seconds.
    let now: @Sendable () -> Int64

    func json() async -> JSONValue {
        var modules = JSONObject()
        modules["identityd"] = module("identityd", trouble: await ledgerTrouble())
        modules["network"] = module("network", trouble: networkTrouble())
        modules["node"] = module("node", trouble: nil)
        let actions = await engine.activity()
        modules["provision"] = module("provision", trouble: nil, workers: actions)
        modules["storage"] = module(
            "storage", trouble: MachineFigures.storage(at: pool).size == 0 ? "\(pool) has no file system" : nil)
        for report in host.reports() {
            let trouble = report.state == "ready" ? nil : "\(report.state): \(report.reason)"
            modules[report.id] = module(report.id, version: report.version, trouble: trouble)
        }
        let isFine = modules.members.allSatisfy { $0.value["error"]?.isNull ?? false }
        let isHealthy = HealthCheck.isHealthy(await board.result(of: "healthcheck"))
        return ["system_status_ok": .bool(isFine), "modules": .object(modules), "healthy": .bool(isHealthy)]
    }

    private func module(
        _ name: String, version: String = NodeVersion.text, trouble: String?, workers: [String] = []
    ) -> JSONValue {
        let time = JSONValue.string(UnixClock.text(now()))
        let busy: [JSONValue] = workers.map { ["state": "busy", "time": time, "action": .string($0)] }
        return [
            "status": [
                "objects": [["Name": .string(name), "Version": .string(version)]],
                "workers": .array(busy.isEmpty ? [["state": "free", "time": time]] : busy),
            ],
            "error": trouble.map { .string($0) } ?? .null,
        ]
    }

    private func ledgerTrouble() async -> String? {
        do throws(LedgerUnavailable) {
            _ = try await ledger.head(.best)
            return nil
        } catch {
            return "the ledger does not answer: \(error.message)"
        }
    }

    private func networkTrouble() -> String? {
        do {
            return try HostInterfaces.list().isEmpty ? "the node has no network device" : nil
        } catch {
            return "\(error)"
        }
    }
}
