import Hosting
import JSON
import Provisioning
import RMB

/// What plugins and the node know about one workload, for `zos.debug.deployment.info` and `health`.
///
/// A type whose manifest names an `info` command has it asked for the workload; its reply has `info`, `logs` and `checks`,
/// each optional. The core knows nothing about what is in `info`.
struct WorkloadInspector: Sendable {
    struct Inspection: Sendable {
        let info: JSONValue
        let logs: String
        /// `name`, `ok`, `message`, `evidence` each.
        let checks: [JSONValue]
    }

    /// Bytes of a log that are passed on; its end is what matters.
    private static let longestLog = 256 << 10
    private static let mostChecks = 64

    let host: any CommandHost

    /// - Throws: `CallError` for a type whose plugin has nothing to say, and with the plugin's words if it fails.
    func inspect(_ workload: InspectedWorkload, verbose: Bool) async throws(CallError) -> Inspection {
        let subject = workload.subject
        guard let command = host.type(named: subject.type)?.info else {
            throw CallError("workload type '\(subject.type)' not supported for info command")
        }
        let payload: JSONValue = ["workload": .string(subject.id), "verbose": .bool(verbose)]
        do {
            let reply = try await host.command(
                command, caller: subject.twin, payload: payload, workloads: [subject])
            let log = reply["logs"]?.stringValue ?? ""
            let tail = log.utf8.suffix(Self.longestLog)
            return Inspection(
                info: reply["info"] ?? .null, logs: String(decoding: tail, as: UTF8.self),
                checks: Array((reply["checks"]?.arrayValue ?? []).prefix(Self.mostChecks)))
        } catch {
            throw CallError((error as? HostingError)?.message ?? "\(error)")
        }
    }

    /// The state, the plugin's, and what the plugin checks itself.
    func health(of workload: InspectedWorkload) async -> JSONValue {
        let subject = workload.subject
        var checks = [
            Self.check(
                "state", workload.state.isOkay,
                message: workload.message.isEmpty ? workload.state.rawValue : workload.message)
        ]
        checks.append(plugin(of: subject.type))
        if host.type(named: subject.type)?.info != nil, workload.state == .ok {
            do throws(CallError) {
                checks += try await inspect(workload, verbose: false).checks.compactMap(Self.check)
            } catch {
                checks.append(Self.check("inspect", false, message: error.message))
            }
        }
        let isHealthy = checks.allSatisfy { $0["ok"] == true }
        return [
            "workload_id": .string(subject.id), "type": .string(subject.type), "name": .string(subject.name),
            "status": .string(isHealthy ? "healthy" : "unhealthy"), "checks": .array(checks),
        ]
    }

    private func plugin(of type: String) -> JSONValue {
        guard let plugin = host.type(named: type)?.plugin, let report = host.reports().first(where: { $0.id == plugin })
        else { return Self.check("plugin", false, message: "no plugin serves the type '\(type)'") }
        let isFine = report.state == "ready" && report.health?.hasPrefix("unhealthy") != true
        let trouble = [report.reason, report.health ?? ""].first { !$0.isEmpty }
        return Self.check("plugin", isFine, message: isFine ? report.state : trouble ?? report.state)
    }

    private static func check(_ name: String, _ ok: Bool, message: String) -> JSONValue {
        ["name": .string(name), "ok": .bool(ok), "message": .string(message)]
    }

    /// A plugin's check, with known members only.
    private static func check(_ reply: JSONValue) -> JSONValue? {
        guard let name = reply["name"]?.stringValue, let ok = reply["ok"]?.boolValue else { return nil }
        var check: JSONObject = ["name": .string(PlainText.line(name)), "ok": .bool(ok)]
        if let message = reply["message"]?.stringValue { check["message"] = .string(PlainText.line(message)) }
        if let evidence = reply["evidence"] { check["evidence"] = evidence }
        return .object(check)
    }
}
